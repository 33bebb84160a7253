//! The tables of a history: their columns, and how each database makes them and brings older ones up to date.

/// What is kept in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Real,
    Text,
    Bytes,
}

/// A table, as both databases have it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// How many of the first columns are the key.
    pub(super) key: usize,
    /// The column that says of which series or statement a row is.
    pub(super) owner: &'static str,
    /// The column that says of which hour or day a row is.
    pub(super) period: &'static str,
}

impl Table {
    /// The names of all columns, separated by commas.
    pub(super) fn column_list(&self) -> String {
        list(self.columns)
    }

    /// The names of the columns of the key.
    pub(super) fn key_list(&self) -> String {
        list(self.key_columns())
    }

    pub(super) fn key_columns(&self) -> &'static [(&'static str, Kind)] {
        self.columns.get(..self.key).unwrap_or(self.columns)
    }
}

/// The names of columns, separated by commas.
pub(super) fn list(columns: &[(&str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// What the values are, and in PostgreSQL the version of the tables.
pub(super) static METADATA: Table = Table {
    name: "metadata",
    columns: &[("key", Kind::Text), ("value", Kind::Text)],
    key: 1,
    owner: "",
    period: "",
};

/// Every series and its id.
pub(super) static SERIES: Table = Table {
    name: "series",
    columns: &[
        ("id", Kind::Integer),
        ("signal", Kind::Text),
        ("instance", Kind::Text),
        ("source", Kind::Text),
        ("query", Kind::Text),
        ("unit", Kind::Text),
    ],
    key: 1,
    owner: "id",
    period: "",
};

/// The labels of the series that have some.
pub(super) static LABELS: Table = Table {
    name: "labels",
    columns: &[("series", Kind::Integer), ("labels", Kind::Text)],
    key: 1,
    owner: "series",
    period: "",
};

/// Rollups of hours.
pub(super) static HOURLY: Table = Table {
    name: "hourly",
    columns: &[
        ("series", Kind::Integer),
        ("hour", Kind::Integer),
        ("count", Kind::Integer),
        ("minutes", Kind::Integer),
        ("min", Kind::Real),
        ("mean", Kind::Real),
        ("p95", Kind::Real),
        ("max", Kind::Real),
        ("last", Kind::Real),
    ],
    key: 2,
    owner: "series",
    period: "hour",
};

/// Rollups of days.
pub(super) static DAILY: Table = Table {
    name: "daily",
    columns: &[
        ("series", Kind::Integer),
        ("day", Kind::Integer),
        ("count", Kind::Integer),
        ("minutes", Kind::Integer),
        ("min", Kind::Real),
        ("mean", Kind::Real),
        ("p95", Kind::Real),
        ("max", Kind::Real),
        ("last", Kind::Real),
    ],
    key: 2,
    owner: "series",
    period: "day",
};

/// What hours that may still grow are made of.
pub(super) static SAMPLES: Table = Table {
    name: "samples",
    columns: &[
        ("series", Kind::Integer),
        ("hour", Kind::Integer),
        ("step_ms", Kind::Integer),
        ("samples", Kind::Bytes),
    ],
    key: 3,
    owner: "series",
    period: "hour",
};

/// The newest assessment of each hour; after two days, of each day.
pub(super) static ASSESSMENTS: Table = Table {
    name: "assessments",
    columns: &[("hour", Kind::Integer), ("at_ms", Kind::Integer), ("json", Kind::Text)],
    key: 1,
    owner: "",
    period: "hour",
};

/// The same without the assessments themselves.
pub(super) static ASSESSMENT_TIMES: Table = Table {
    name: "assessments",
    columns: &[("hour", Kind::Integer), ("at_ms", Kind::Integer)],
    key: 1,
    owner: "",
    period: "hour",
};

/// Other stores that get the hours too.
pub(super) static DESTINATIONS: Table =
    Table { name: "destinations", columns: &[("destination", Kind::Text)], key: 1, owner: "", period: "" };

/// The hours that each of them has not got as they are now.
pub(super) static PENDING: Table = Table {
    name: "pending",
    columns: &[("destination", Kind::Text), ("series", Kind::Integer), ("hour", Kind::Integer)],
    key: 3,
    owner: "series",
    period: "hour",
};

/// The newest sample of the statements of each server.
pub(super) static LATEST_SAMPLES: Table = Table {
    name: "looks",
    columns: &[("server", Kind::Text), ("json", Kind::Text)],
    key: 1,
    owner: "",
    period: "",
};

/// How much of each day the counters of each server cover.
pub(super) static COUNTED_DAYS: Table = Table {
    name: "counted_days",
    columns: &[
        ("server", Kind::Text),
        ("day", Kind::Integer),
        ("seconds", Kind::Real),
        ("resets", Kind::Integer),
        ("evictions", Kind::Integer),
        ("hidden", Kind::Integer),
    ],
    key: 2,
    owner: "",
    period: "day",
};

/// Every statement and its id.
pub(super) static STATEMENTS: Table = Table {
    name: "statements",
    columns: &[
        ("id", Kind::Integer),
        ("server", Kind::Text),
        ("role", Kind::Integer),
        ("database", Kind::Integer),
        ("query", Kind::Integer),
        ("toplevel", Kind::Boolean),
        ("text", Kind::Text),
    ],
    key: 1,
    owner: "id",
    period: "",
};

/// What each statement did on each day.
pub(super) static STATEMENT_DAYS: Table = Table {
    name: "statement_days",
    columns: &[
        ("statement", Kind::Integer),
        ("day", Kind::Integer),
        ("calls", Kind::Real),
        ("seconds", Kind::Real),
    ],
    key: 2,
    owner: "statement",
    period: "day",
};

/// The services of fleets, and what is kept of each of their queries.
pub(super) static FLEET_SERVICES: Table = Table {
    name: "fleet_services",
    columns: &[("id", Kind::Integer), ("name", Kind::Text), ("coverage", Kind::Bytes)],
    key: 1,
    owner: "id",
    period: "",
};

/// The hourly figures of a service's day.
pub(super) static FLEET_DAYS: Table = Table {
    name: "fleet_days",
    columns: &[("service", Kind::Integer), ("day", Kind::Integer), ("figures", Kind::Bytes)],
    key: 2,
    owner: "service",
    period: "day",
};

/// Every table, each with all of its columns.
pub(super) static ALL: [&Table; 15] = [
    &METADATA,
    &SERIES,
    &LABELS,
    &HOURLY,
    &DAILY,
    &SAMPLES,
    &ASSESSMENTS,
    &DESTINATIONS,
    &PENDING,
    &LATEST_SAMPLES,
    &COUNTED_DAYS,
    &STATEMENTS,
    &STATEMENT_DAYS,
    &FLEET_SERVICES,
    &FLEET_DAYS,
];

/// Marks a file as a history: "SAhi" in the file's header.
pub(super) const APPLICATION_ID: i64 = 0x5341_6869;

/// Each step takes a file from the version of its index to the next. Steps are only ever added: files of every version
/// are in use somewhere.
pub(super) const SQLITE_MIGRATIONS: &[&str] = &[
    include_str!("migrations/sqlite-1.sql"),
    include_str!("migrations/sqlite-2.sql"),
    include_str!("migrations/sqlite-3.sql"),
    include_str!("migrations/sqlite-4.sql"),
    include_str!("migrations/sqlite-5.sql"),
    include_str!("migrations/sqlite-6.sql"),
];

/// The same for PostgreSQL. Everything lies in a schema of its own, and only what every relative of PostgreSQL knows is
/// used: no extension, function, trigger or sequence.
pub(super) const POSTGRES_MIGRATIONS: &[&str] = &[
    include_str!("migrations/postgres-1.sql"),
    include_str!("migrations/postgres-2.sql"),
    include_str!("migrations/postgres-3.sql"),
    include_str!("migrations/postgres-4.sql"),
    include_str!("migrations/postgres-5.sql"),
];
