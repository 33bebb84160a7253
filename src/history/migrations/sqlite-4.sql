-- The CRC-32 of the other columns, as a signed number: what a disk or a copy changed is found. It is filled in by the
-- program right after this step, so that no row is without it.
ALTER TABLE metadata ADD COLUMN checksum INTEGER;
ALTER TABLE series ADD COLUMN checksum INTEGER;
ALTER TABLE hourly ADD COLUMN checksum INTEGER;
ALTER TABLE daily ADD COLUMN checksum INTEGER;
ALTER TABLE samples ADD COLUMN checksum INTEGER;
ALTER TABLE assessments ADD COLUMN checksum INTEGER;
ALTER TABLE destinations ADD COLUMN checksum INTEGER;
ALTER TABLE pending ADD COLUMN checksum INTEGER;
ALTER TABLE looks ADD COLUMN checksum INTEGER;
ALTER TABLE counted_days ADD COLUMN checksum INTEGER;
ALTER TABLE statements ADD COLUMN checksum INTEGER;
ALTER TABLE statement_days ADD COLUMN checksum INTEGER;
