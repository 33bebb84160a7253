-- The labels that tell an instance from others, as JSON: its name may change, or come to mean another one.
CREATE TABLE labels (series INTEGER PRIMARY KEY, labels TEXT NOT NULL, checksum INTEGER) STRICT;
-- Two instances may have one name at different times.
DROP INDEX queried;
DROP INDEX native;
