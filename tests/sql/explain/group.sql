-- An updating aggregate into a sink that takes updates; HAVING above it, the predicate on its key below it.
SET 'table.exec.source.idle-timeout' = '30 s';
INSERT INTO totals SELECT device, COUNT(*) FROM sensors GROUP BY device HAVING SUM(hits) > 5 AND device <> '';
