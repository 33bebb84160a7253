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
