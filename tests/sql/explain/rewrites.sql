-- What the binder rewrites, and constants that are folded.
SELECT CASE hits WHEN 1 THEN 'one' WHEN 2 THEN 'three' END AS c, COALESCE(hits, 0) AS d, NULLIF(device, '') AS e,
       price * 2 AS f, CAST('12' AS INT) + hits AS g, TRY_CAST(device AS BIGINT) AS h, -hits AS i, GREATEST(hits, ms) AS j,
       at IS NOT DISTINCT FROM TIMESTAMP '2020-01-01 00:00:00' AS k
FROM (SELECT device, hits, price, ms, CAST(ts AS TIMESTAMP(3)) AS at FROM sensors)
WHERE hits BETWEEN 1 AND 2.5 OR device IN ('a', 'b', 'c') OR device LIKE 'x%';
