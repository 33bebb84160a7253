-- `version` counts these steps. Whoever writes locks its row, so that writers follow each other.
CREATE TABLE scale_advisor.metadata (key text PRIMARY KEY, value text NOT NULL);

-- The number follows from what tells series apart, so that no writer has to ask for it.
CREATE TABLE scale_advisor.series (
    id bigint PRIMARY KEY,
    signal text NOT NULL,
    instance text NOT NULL, -- '' where there is only one
    source text NOT NULL,
    query text NOT NULL,
    unit text NOT NULL
);

-- Hours and days since the beginning of 1970, UTC.
CREATE TABLE scale_advisor.hourly (
    series bigint NOT NULL,
    hour bigint NOT NULL,
    count bigint NOT NULL,
    minutes bigint NOT NULL, -- for which the samples speak
    min double precision NOT NULL,
    mean double precision NOT NULL,
    p95 double precision, -- null where it is not known
    max double precision NOT NULL,
    last double precision NOT NULL,
    PRIMARY KEY (series, hour)
);
CREATE TABLE scale_advisor.daily (
    series bigint NOT NULL,
    day bigint NOT NULL,
    count bigint NOT NULL,
    minutes bigint NOT NULL,
    min double precision NOT NULL,
    mean double precision NOT NULL,
    p95 double precision,
    max double precision NOT NULL,
    last double precision NOT NULL,
    PRIMARY KEY (series, day)
);

-- What hours that may still grow are made of; the bytes are those of the embedded store.
CREATE TABLE scale_advisor.samples (
    series bigint NOT NULL,
    hour bigint NOT NULL,
    step_ms bigint NOT NULL, -- 0 for single readings
    samples bytea NOT NULL,
    PRIMARY KEY (series, hour, step_ms)
);

-- The newest of each hour; after two days, of each day.
CREATE TABLE scale_advisor.assessments (
    hour bigint PRIMARY KEY,
    at_ms bigint NOT NULL,
    json text NOT NULL
);

-- Other stores that get the hours too, and the hours that each of them has not got as they are now.
CREATE TABLE scale_advisor.destinations (destination text PRIMARY KEY);
CREATE TABLE scale_advisor.pending (
    destination text NOT NULL,
    series bigint NOT NULL,
    hour bigint NOT NULL,
    PRIMARY KEY (destination, series, hour)
);

-- For people and other programs.
CREATE VIEW scale_advisor.hours AS
    SELECT s.signal, s.instance, s.source, s.unit, to_timestamp(h.hour * 3600) AS start,
        h.count, h.minutes, h.min, h.mean, h.p95, h.max, h.last
    FROM scale_advisor.hourly AS h JOIN scale_advisor.series AS s ON s.id = h.series;
CREATE VIEW scale_advisor.days AS
    SELECT s.signal, s.instance, s.source, s.unit, to_timestamp(d.day * 86400) AS start,
        d.count, d.minutes, d.min, d.mean, d.p95, d.max, d.last
    FROM scale_advisor.daily AS d JOIN scale_advisor.series AS s ON s.id = d.series;
