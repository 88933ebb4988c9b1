-- The headline job: predicate and columns at the source, one projection, local and global window aggregate.
SELECT device, window_start, window_end, COUNT(*) AS n, AVG(temp) AS average
FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), INTERVAL '10' SECOND))
WHERE temp > 20
GROUP BY window_start, window_end, device;
