-- Other stores that get the hours too, and the hours that each of them has not got as they are now.
CREATE TABLE destinations (destination TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
CREATE TABLE pending (
    destination TEXT NOT NULL,
    series INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    PRIMARY KEY (destination, series, hour)
) WITHOUT ROWID, STRICT;
