-- Sensors and their log over Kafka: a filter, ten-second windows by device, and alerts found by a regular expression.
-- `sluice demo` runs this against an embedded Kafka. To run it on yours, change 'properties.bootstrap.servers'.

CREATE TABLE readings (
    device STRING,
    ts BIGINT,
    temp DOUBLE,
    hum DOUBLE,
    event_time AS TO_TIMESTAMP_LTZ(ts, 3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'readings',
    'properties.bootstrap.servers' = 'localhost:9092',
    'properties.group.id' = 'sluice-demo',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json'
);

CREATE TABLE device_log (
    line STRING
) WITH (
    'connector' = 'kafka',
    'topic' = 'device-log',
    'properties.bootstrap.servers' = 'localhost:9092',
    'properties.group.id' = 'sluice-demo',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'raw'
);

CREATE TABLE averages (
    window_start TIMESTAMP(3),
    device STRING,
    readings BIGINT,
    average DOUBLE,
    highest DOUBLE
) WITH ('connector' = 'print', 'print-identifier' = 'averages');

CREATE TABLE alerts (
    line STRING
) WITH ('connector' = 'print', 'print-identifier' = 'alert');

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO averages
    SELECT window_start, device, COUNT(*), AVG(temp), MAX(temp)
    FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '10' SECOND))
    WHERE temp > 20
    GROUP BY window_start, window_end, device;

    INSERT INTO alerts
    SELECT line
    FROM device_log
    WHERE REGEXP(line, '(error|failed|overheat(ed|ing))');
END;
