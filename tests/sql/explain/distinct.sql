-- DISTINCT over append-only rows is append-only.
INSERT INTO alerts (device) SELECT DISTINCT device FROM sensors;
