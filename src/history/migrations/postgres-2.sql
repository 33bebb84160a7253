-- What statements did: counters of pg_stat_statements, compared from look to look.
CREATE TABLE scale_advisor.looks (server text PRIMARY KEY, json text NOT NULL); -- the newest of each server
CREATE TABLE scale_advisor.counted_days (
    server text NOT NULL,
    day bigint NOT NULL,
    seconds double precision NOT NULL, -- of the day, of which the counters tell
    resets bigint NOT NULL,
    evictions bigint NOT NULL,
    hidden bigint NOT NULL, -- statements of other roles that were out of sight
    PRIMARY KEY (server, day)
);
-- The number follows from what tells statements apart.
CREATE TABLE scale_advisor.statements (
    id bigint PRIMARY KEY,
    server text NOT NULL,
    role bigint NOT NULL,
    database bigint NOT NULL,
    query bigint NOT NULL,
    toplevel boolean NOT NULL,
    text text -- null while it was never looked up
);
CREATE TABLE scale_advisor.statement_days (
    statement bigint NOT NULL,
    day bigint NOT NULL,
    calls double precision NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (statement, day)
);

-- For people and other programs.
CREATE VIEW scale_advisor.statements_by_day AS
    SELECT s.server, s.role, s.database, s.query, s.toplevel, s.text, to_timestamp(d.day * 86400) AS start,
        d.calls, d.seconds
    FROM scale_advisor.statement_days AS d JOIN scale_advisor.statements AS s ON s.id = d.statement;
