-- The CRC-32 of the other columns, as a signed number: what a disk or a copy changed is found. It is filled in by the
-- program right after this step, so that no row is without it.
ALTER TABLE scale_advisor.metadata ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.series ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.hourly ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.daily ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.samples ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.assessments ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.destinations ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.pending ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.looks ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.counted_days ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.statements ADD COLUMN checksum integer;
ALTER TABLE scale_advisor.statement_days ADD COLUMN checksum integer;
