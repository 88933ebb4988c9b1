-- SHOW and DESCRIBE; secrets are masked.
CREATE TEMPORARY TABLE secret (id BIGINT, `a b` ROW<x INT, y STRING>, PRIMARY KEY (id) NOT ENFORCED) COMMENT 'it''s'
  WITH ('connector' = 'events', 'topic' = 't', 'format' = 'json', 'password' = 'hunter2');
CREATE VIEW v AS SELECT device, window_time FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), INTERVAL '1' DAY));
SHOW TABLES; SHOW VIEWS; SHOW CREATE TABLE sensors; SHOW CREATE TABLE secret; SHOW CREATE VIEW v;
DESCRIBE sensors; DESCRIBE v; DESCRIBE totals;
SET 'parallelism.default' = '2'; SET 'x' = 'y'; RESET 'x'; SET;
DROP VIEW v; DROP TABLE IF EXISTS nowhere; SHOW VIEWS;
