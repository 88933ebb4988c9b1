-- A simple predicate goes to the source, one over METADATA stays above the watermark; the sink gets its columns in order.
INSERT INTO alerts (temp, device) SELECT temp, device FROM sensors WHERE temp > 20 AND device <> 'x' AND part = 1;
