-- What is kept of the pasts of a fleet's services, so that a night reads one new day: compressed JSON, as `src/fleet/kept`
-- writes it. The id is a digest of the name.
CREATE TABLE scale_advisor.fleet_services (
    id bigint PRIMARY KEY, name text NOT NULL, coverage bytea NOT NULL, checksum integer
);
CREATE TABLE scale_advisor.fleet_days (
    service bigint NOT NULL, day bigint NOT NULL, figures bytea NOT NULL, checksum integer,
    PRIMARY KEY (service, day)
);
