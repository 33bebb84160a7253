//! Signing in, making the tables, and bringing them up to date.

use std::path::{Path, PathBuf};

use super::{PostgresStore, Refusal, schema::MIGRATIONS};
use crate::{
    history::{HistoryError, error::PATIENCE},
    postgres::{Blocking, Settings, Trouble, Type},
};

/// There is no such schema, or no such table.
const ABSENT: [&str; 2] = ["3F000", "42P01"];

impl PostgresStore {
    /// Opens a history to add to it; makes its schema where there is none, and brings an older one up to date.
    ///
    /// # Errors
    /// When the server does not let us in, the role may not make the schema or write to it, or it is newer than this
    /// program.
    pub fn open(settings: &Settings, on_wait: fn(&Path)) -> Result<Self, HistoryError> {
        let mut store = Self::connect(settings, on_wait)?;
        if store.version()? == Some(MIGRATIONS.len()) {
            return Ok(store);
        }
        let place = store.place.clone();
        store.write(|session| migrate(session, &place), "make")?;
        Ok(store)
    }

    /// Opens a history that exists, to read it.
    ///
    /// # Errors
    /// When there is none, the server does not let us in, or it is newer than this program.
    pub fn read_only(settings: &Settings) -> Result<Self, HistoryError> {
        let store = Self::connect(settings, |_| ())?;
        match store.version()? {
            Some(_) => Ok(store),
            None => Err(HistoryError::Missing(store.place)),
        }
    }

    fn connect(settings: &Settings, on_wait: fn(&Path)) -> Result<Self, HistoryError> {
        let place = PathBuf::from(settings.address());
        let session = Blocking::open(settings).map_err(|trouble| server("open", &place, trouble))?;
        Ok(Self { session, place, on_wait })
    }

    /// How many steps the tables have behind them; `None` when there are none.
    fn version(&self) -> Result<Option<usize>, HistoryError> {
        match version(&self.session, "") {
            Ok(found) if found > MIGRATIONS.len() => Err(newer(&self.place, found)),
            Ok(found) => Ok(Some(found)),
            Err(trouble) if trouble.code.as_deref().is_some_and(|code| ABSENT.contains(&code)) => Ok(None),
            Err(trouble) => Err(self.error("read")(trouble)),
        }
    }
}

/// Waits until no other process writes, and makes sure that the tables are still those this program knows.
pub(super) fn lock(session: &Blocking, place: &Path) -> Result<(), Refusal> {
    match version(session, "FOR UPDATE")? {
        found if found == MIGRATIONS.len() => Ok(()),
        found => Err(Refusal::Ours(newer(place, found))),
    }
}

fn version(session: &Blocking, locking: &str) -> Result<usize, Trouble> {
    let query = format!("SELECT value FROM scale_advisor.metadata WHERE key = 'version' {locking}");
    let found = session.rows(&query, &[], |row| Ok(row.try_get::<_, String>(0)?))?;
    // A schema of that name that somebody else filled has no version that is a number.
    Ok(found.first().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX))
}

fn migrate(session: &Blocking, place: &Path) -> Result<(), Refusal> {
    let table =
        "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'scale_advisor' AND tablename = 'metadata'";
    let held = if session.rows(table, &[], |_| Ok(()))?.is_empty() {
        // Not IF NOT EXISTS: that would ask for the right to make it even where it is there.
        let schema = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'scale_advisor'";
        if session.rows(schema, &[], |_| Ok(()))?.is_empty() {
            session.run("CREATE SCHEMA scale_advisor")?;
        }
        0
    } else {
        version(session, "FOR UPDATE")?
    };
    let Some(steps) = MIGRATIONS.get(held..) else {
        return Err(Refusal::Ours(newer(place, held)));
    };
    for step in steps {
        session.run(step)?;
    }
    session.execute(
        "INSERT INTO scale_advisor.metadata VALUES ('version', $1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        &[(&MIGRATIONS.len().to_string(), Type::TEXT)],
    )?;
    Ok(())
}

fn newer(place: &Path, found: usize) -> HistoryError {
    let file = place.to_owned();
    match i64::try_from(found) {
        Ok(found) => HistoryError::Newer { file, found, known: MIGRATIONS.len() },
        Err(_) => HistoryError::Server {
            doing: "use",
            place: file,
            detail: "its schema scale_advisor is none of this program".to_owned(),
            hint: "; name another database".to_owned(),
        },
    }
}

/// What a server says, in our words.
pub(super) fn explained(
    doing: &'static str,
    place: &Path,
    role: &str,
    database: &str,
) -> impl FnOnce(Trouble) -> HistoryError {
    let place = place.to_owned();
    let grant = if doing == "make" {
        // Where the schema is there already, the right to fill it is what is missing.
        format!(
            "GRANT CREATE ON DATABASE {database} TO {role}; (or CREATE SCHEMA scale_advisor AUTHORIZATION {role};)"
        )
    } else {
        format!(
            "GRANT USAGE ON SCHEMA scale_advisor TO {role}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA scale_advisor TO {role};"
        )
    };
    move |trouble| match trouble.code.as_deref() {
        Some("55P03") => HistoryError::Busy { file: place, seconds: PATIENCE },
        Some("53100") => HistoryError::Full(place),
        Some("42501") => server(doing, &place, Trouble { hint: Some(grant), ..trouble }),
        Some("25006") => {
            let hint = Some("this server can only be read; name the primary".to_owned());
            server(doing, &place, Trouble { hint, ..trouble })
        }
        _ => server(doing, &place, trouble),
    }
}

fn server(doing: &'static str, place: &Path, trouble: Trouble) -> HistoryError {
    let hint = trouble.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    HistoryError::Server { doing, place: place.to_owned(), detail: trouble.detail, hint }
}
