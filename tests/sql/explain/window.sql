-- A window without an aggregate.
SELECT window_time, url FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' HOUR, INTERVAL '-5' MINUTE));
