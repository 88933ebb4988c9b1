-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE bid (
  auction BIGINT, price DECIMAL(10, 2) NOT NULL, extra ROW<a INT, b ARRAY<STRING>>,
  `key` STRING METADATA FROM 'key' VIRTUAL, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
  day AS DATE_FORMAT(ts, 'yyyy-MM-dd') COMMENT 'the day',
  WATERMARK FOR ts AS ts - INTERVAL '0.001' SECOND, PRIMARY KEY (auction) NOT ENFORCED
) COMMENT 'bids' PARTITIONED BY (day) WITH ('connector' = 'kafka', 'topic' = 'it''s');
CREATE TEMPORARY VIEW IF NOT EXISTS v (a, b) AS SELECT 1, e'\u263A';
DROP TABLE IF EXISTS t; SHOW TABLES; DESCRIBE v; SHOW CREATE TABLE bid; RESET 'a';
