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
