-- One job: scans are shared, with common predicates only; the same window aggregate runs once.
EXPLAIN STATEMENT SET BEGIN
INSERT INTO alerts SELECT device, temp FROM sensors WHERE temp > 30;
INSERT INTO totals SELECT device, COUNT(*) FROM sensors WHERE temp > 30 AND hits = 3 GROUP BY device;
INSERT INTO sink SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
INSERT INTO sink SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
END;
