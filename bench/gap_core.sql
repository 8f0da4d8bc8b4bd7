-- The peer of bench_gap_core: gaps of 1,000 vessels with counts in the 12 hours before, by window function.
-- {rows} and {stride} are filled in; stride 1 stores the fixes sorted by vessel and time, another one scattered.
-- name: setup
CREATE TABLE fixes AS
SELECT (n // 10000)::UINTEGER AS mover,
       ((n % 10000) * 10 + CASE WHEN n % 10000 >= 5000 THEN 25200 ELSE 0 END) * 1000000 AS t,
       (n // 10000) * 0.05 - 25.0 AS lat,
       (n % 10000) * 0.01 - 50.0 AS lon,
       ((n // 10000 * 7 + n % 10000) % 4)::UTINYINT AS receiver
FROM (SELECT (i * {stride}) % {rows} AS n FROM range({rows}) r(i));
-- name: query
WITH pairs AS (
    SELECT mover, t AS on_t, lat AS on_lat, lon AS on_lon,
           lag(t) OVER w AS off_t, lag(lat) OVER w AS off_lat, lag(lon) OVER w AS off_lon,
           lag(receiver) OVER w AS off_receiver
    FROM fixes
    WINDOW w AS (PARTITION BY mover ORDER BY t)
),
gaps AS (SELECT * FROM pairs WHERE on_t - off_t > 21600000000),
counted AS (
    SELECT g.mover, g.on_t, count(*) AS n,
           count(*) FILTER (f.receiver = 1) AS ter,
           count(*) FILTER (f.receiver = 2) AS sat,
           count(*) FILTER (f.receiver = 3) AS dyn
    FROM gaps g JOIN fixes f ON f.mover = g.mover AND f.t >= g.off_t - 43200000000 AND f.t < g.off_t
    GROUP BY g.mover, g.on_t
)
SELECT count(*), sum(c.n + 1), sum(c.ter + (g.off_receiver = 1)::INT), sum(c.sat + (g.off_receiver = 2)::INT),
       sum(c.dyn + (g.off_receiver = 3)::INT), sum(g.on_t - g.off_t),
       sum(2 * 6371000 * asin(sqrt(sin(radians(g.on_lat - g.off_lat) / 2) ** 2
           + cos(radians(g.off_lat)) * cos(radians(g.on_lat)) * sin(radians(g.on_lon - g.off_lon) / 2) ** 2)))
FROM gaps g JOIN counted c USING (mover, on_t);
