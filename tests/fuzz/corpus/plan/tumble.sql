SELECT d, window_end, COUNT(*), SUM(a) FILTER (WHERE c > 1), AVG(e) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, d HAVING MAX(c) > 3
