INSERT INTO p SELECT a + 1, d || 'x' FROM t WHERE c > 2.5 AND a BETWEEN 1 AND 3 OR d IN ('a', 'b')
