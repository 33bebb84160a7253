//! The tables of the file, and how older files become newer ones.

/// Says that a file is ours: "SAhi" in the file's header.
pub(super) const APPLICATION: i64 = 0x5341_6869;

/// Each step takes a file from the version of its index to the next. Steps are only ever added: files of every version
/// are in use somewhere.
pub(super) const MIGRATIONS: &[&str] = &["
    -- The query of a native source says what was read this time ('line 12'); what tells series apart is the source.
    CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        signal TEXT NOT NULL,
        instance TEXT NOT NULL, -- '' where there is only one
        source TEXT NOT NULL,
        query TEXT NOT NULL,
        unit TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX queried ON series (signal, instance, unit, query) WHERE source = 'prometheus';
    CREATE UNIQUE INDEX native ON series (signal, instance, source, unit) WHERE source <> 'prometheus';

    -- Hours and days since the beginning of 1970, UTC.
    CREATE TABLE hourly (
        series INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        count INTEGER NOT NULL,
        minutes INTEGER NOT NULL, -- for which the samples speak
        min REAL NOT NULL,
        mean REAL NOT NULL,
        p95 REAL, -- null where it is not known
        max REAL NOT NULL,
        last REAL NOT NULL,
        PRIMARY KEY (series, hour)
    ) WITHOUT ROWID, STRICT;
    CREATE TABLE daily (
        series INTEGER NOT NULL,
        day INTEGER NOT NULL,
        count INTEGER NOT NULL,
        minutes INTEGER NOT NULL,
        min REAL NOT NULL,
        mean REAL NOT NULL,
        p95 REAL,
        max REAL NOT NULL,
        last REAL NOT NULL,
        PRIMARY KEY (series, day)
    ) WITHOUT ROWID, STRICT;

    -- What hours that may still grow are made of: 4 bytes of milliseconds from the hour's beginning and 8 bytes of the
    -- value for each sample, least significant byte first.
    CREATE TABLE samples (
        series INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        step_ms INTEGER NOT NULL, -- 0 for single readings
        samples BLOB NOT NULL,
        PRIMARY KEY (series, hour, step_ms)
    ) WITHOUT ROWID, STRICT;

    -- The newest of each hour; after two days, of each day.
    CREATE TABLE assessments (
        hour INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        json TEXT NOT NULL
    ) STRICT;

    CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

    -- For people and other programs.
    CREATE VIEW hours AS
        SELECT signal, instance, source, unit, datetime(hour * 3600, 'unixepoch') AS start,
            count, minutes, min, mean, p95, max, last
        FROM hourly JOIN series ON series.id = hourly.series;
    CREATE VIEW days AS
        SELECT signal, instance, source, unit, date(day * 86400, 'unixepoch') AS start,
            count, minutes, min, mean, p95, max, last
        FROM daily JOIN series ON series.id = daily.series;
", "
    -- Other stores that get the hours too, and the hours that each of them has not got as they are now.
    CREATE TABLE destinations (destination TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
    CREATE TABLE pending (
        destination TEXT NOT NULL,
        series INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        PRIMARY KEY (destination, series, hour)
    ) WITHOUT ROWID, STRICT;
", "
    -- What statements did: counters of pg_stat_statements, compared from look to look.
    CREATE TABLE looks (server TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID, STRICT; -- the newest of each server
    CREATE TABLE counted_days (
        server TEXT NOT NULL,
        day INTEGER NOT NULL,
        seconds REAL NOT NULL, -- of the day, of which the counters tell
        resets INTEGER NOT NULL,
        evictions INTEGER NOT NULL,
        hidden INTEGER NOT NULL, -- statements of other roles that were out of sight
        PRIMARY KEY (server, day)
    ) WITHOUT ROWID, STRICT;
    -- The number follows from what tells statements apart.
    CREATE TABLE statements (
        id INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        role INTEGER NOT NULL,
        database INTEGER NOT NULL,
        query INTEGER NOT NULL,
        toplevel INTEGER NOT NULL,
        text TEXT -- null while it was never looked up
    ) STRICT;
    CREATE TABLE statement_days (
        statement INTEGER NOT NULL,
        day INTEGER NOT NULL,
        calls REAL NOT NULL,
        seconds REAL NOT NULL,
        PRIMARY KEY (statement, day)
    ) WITHOUT ROWID, STRICT;

    -- For people and other programs.
    CREATE VIEW statements_by_day AS
        SELECT server, role, database, query, toplevel, text, date(day * 86400, 'unixepoch') AS start, calls, seconds
        FROM statement_days JOIN statements ON statements.id = statement_days.statement;
"];
