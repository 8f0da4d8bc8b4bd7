-- The peer of bench_fishing: candidates, statistics and filters of both chains (SPEC 4.2 to 4.4) by window functions,
-- as the original's queries make them. {rows} is filled in, and {score} by the chain's column. Messages are found by
-- their run, which is kinder than the original's join by time.
-- name: setup
CREATE TABLE messages AS
SELECT n // 10000 AS segment,
       ((n % 10000) * 300 + (n % 10000) // 997 * 10500) * 1000000 AS t,
       (n // 10000) % 100 * 0.1 - 45 + (n % 10000) * 0.004::DOUBLE AS lat,
       (n // 10000) % 300 - 150 + (n % 10000) % 50 * 0.001::DOUBLE AS lon,
       3 + k % 10 * 0.1::DOUBLE AS speed,
       CASE WHEN n % 10000 > 0 THEN 440.0::DOUBLE + k % 7 END AS metres,
       CASE WHEN n % 10000 > 0 THEN (CASE WHEN n % 10000 % 997 = 0 THEN 10800 ELSE 300 END) / 3600.0::DOUBLE END AS hours,
       metres / hours * 0.00053995 AS implied,
       CASE WHEN k % 101 > 0 THEN (k // 37 % 3 <> 0)::INT::DOUBLE END AS nnet,
       (k // 53 % 4 = 0)::INT::DOUBLE AS night
FROM (SELECT n, n % 10000 + n // 10000 * 7 AS k FROM range({rows}) r(n));
-- name: query
WITH marked AS (
    SELECT *, lag({score}) OVER w AS before
    FROM messages
    WHERE lat > -90 AND lat < 90
    WINDOW w AS (PARTITION BY segment ORDER BY t)
),
numbered AS (
    SELECT *, sum((before IS NULL OR coalesce({score} <> before, false) OR coalesce(metres > 10000, false)
                   OR coalesce(hours > 2, false))::INT) OVER (PARTITION BY segment ORDER BY t) AS run
    FROM marked
),
runs AS (
    SELECT segment, run, min(t) AS run_start, max(t) AS run_end, arg_min(lat, t) AS lat, arg_min(lon, t) AS lon
    FROM numbered GROUP BY ALL HAVING arg_min({score}, t) = 1
),
chained AS (
    SELECT *, lag(run_end) OVER w AS last_end,
           6371010 * 2 * asin(least(1, 0.5 * sqrt(
               (cos(radians(lon)) * cos(radians(lat)) - cos(radians(lag(lon) OVER w)) * cos(radians(lag(lat) OVER w))) ** 2
               + (sin(radians(lon)) * cos(radians(lat)) - sin(radians(lag(lon) OVER w)) * cos(radians(lag(lat) OVER w))) ** 2
               + (sin(radians(lat)) - sin(radians(lag(lat) OVER w))) ** 2))) AS step_m
    FROM runs WINDOW w AS (PARTITION BY segment ORDER BY run_start)
),
events AS (
    SELECT segment, run, sum((last_end IS NULL OR (run_start - last_end) // 1000000 > 3600 OR step_m > 2000)::INT)
                             OVER (PARTITION BY segment ORDER BY run_start) AS event
    FROM chained
),
labelled AS (
    SELECT n.*, e.event, min(n.t) OVER (PARTITION BY n.segment, e.event) AS event_start
    FROM numbered n JOIN events e USING (segment, run)
    WHERE n.{score} = 1
),
described AS (
    SELECT segment, event_start, max(t) AS event_end, min(lat) AS lat_min, max(lat) AS lat_max, min(lon) AS lon_min,
           max(lon) AS lon_max, min(CASE WHEN lon < 0 THEN lon + 180 ELSE lon - 180 END) AS anti_min,
           max(CASE WHEN lon < 0 THEN lon + 180 ELSE lon - 180 END) AS anti_max, count(*) AS message_count,
           avg(speed) AS avg_speed_knots, avg(implied) FILTER (t > event_start) AS avg_implied,
           avg(metres) FILTER (t > event_start) AS avg_metres, sum(metres) FILTER (t > event_start) AS event_distance_m,
           avg(hours) FILTER (t > event_start) AS avg_hours,
           atan2(avg(sin(radians(lat))), sqrt(avg(cos(radians(lon)) * cos(radians(lat))) ** 2
                 + avg(sin(radians(lon)) * cos(radians(lat))) ** 2)) AS lat_mean,
           atan2(avg(sin(radians(lon)) * cos(radians(lat))), avg(cos(radians(lon)) * cos(radians(lat)))) AS lon_mean
    FROM labelled GROUP BY segment, event_start
),
kept AS (
    SELECT *, md5('fishing|' || segment || '|' || strftime(make_timestamp(event_start), '%Y-%m-%d %H:%M:%S+00') || '|'
                  || strftime(make_timestamp(event_end), '%Y-%m-%d %H:%M:%S+00')) AS id
    FROM described
    WHERE event_end - event_start > 1200000000 AND message_count > 5 AND avg_speed_knots < 10 AND event_distance_m > {least}
)
SELECT (SELECT count(*) FROM described), count(*), sum(message_count), sum(event_end - event_start),
       round(sum(event_distance_m)), sum(('0x' || id[1])::INT)
FROM kept WHERE lat_min IS NOT NULL AND lon_mean IS NOT NULL AND lat_mean IS NOT NULL AND avg_implied IS NOT NULL
    AND avg_metres IS NOT NULL AND avg_hours IS NOT NULL AND lat_max IS NOT NULL
    AND lon_max - lon_min <= 360 AND anti_max - anti_min <= 360;
