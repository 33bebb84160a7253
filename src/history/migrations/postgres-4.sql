-- The labels that tell an instance from others, as JSON: its name may change, or come to mean another one.
CREATE TABLE scale_advisor.labels (series bigint PRIMARY KEY, labels text NOT NULL, checksum integer);
