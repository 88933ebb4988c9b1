-- HOP over a view, by named arguments, with a filtered aggregate and an argument that is computed.
CREATE VIEW hot AS SELECT device AS d, temp * 1.8 + 32 AS f, ts FROM sensors WHERE temp > 20;
CREATE VIEW windowed AS SELECT d, f, window_start AS ws, window_end AS we
  FROM HOP(DATA => TABLE hot, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '5' SECOND, SIZE => INTERVAL '10' SECOND)
  WHERE d <> 'x';
SELECT d, we, MAX(f) - MIN(f) AS spread, COUNT(*) FILTER (WHERE f > 100) AS hot FROM windowed WHERE f < 1000 GROUP BY ws, we, d;
