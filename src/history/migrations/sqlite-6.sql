-- What is kept of the pasts of a fleet's services, so that a night reads one new day: compressed JSON, as `src/fleet/kept`
-- writes it. The id is a digest of the name.
CREATE TABLE fleet_services (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, coverage BLOB NOT NULL, checksum INTEGER
) STRICT;
CREATE TABLE fleet_days (
    service INTEGER NOT NULL, day INTEGER NOT NULL, figures BLOB NOT NULL, checksum INTEGER,
    PRIMARY KEY (service, day)
) WITHOUT ROWID, STRICT;
