-- Windows of windows: the second by the same windows again, the third of an hour.
CREATE VIEW per_device AS SELECT window_start, window_end, window_time, device, COUNT(*) AS n
  FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, window_time, device;
SELECT window_end, MAX(n) AS most FROM per_device GROUP BY window_start, window_end;
CREATE VIEW hourly AS SELECT window_time AS rowtime, n FROM per_device;
SELECT window_end, SUM(n) AS total FROM TABLE(TUMBLE(TABLE hourly, DESCRIPTOR(rowtime), INTERVAL '1' HOUR)) GROUP BY window_start, window_end;
