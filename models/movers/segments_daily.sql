-- The day of each segment: how much was seen of it, the box it stayed in, and what it told last. Of fixes that are good
-- only. Measures belong to a fix, so they are of the newest one; all else is the last that is known, each on its own.
--
-- output: segments
-- model: gold.{dataset}_segments_daily
-- grain: one segment on one day
-- inputs: silver.{dataset}(day), silver.{dataset}_segments(day)
-- partition: dt
-- sort: {id}, seg_id
-- column: {id} string required | id of the {word}, which may be that of more than one
-- column: seg_id string required | id of the segment
-- column: dt date required | UTC day
-- column: fixes long required | good fixes of the day
-- column: first_{time} timestamptz required | first of them
-- column: last_{time} timestamptz required | last of them
-- column: {lat}_min double deg required | southern edge of the box of all of them
-- column: {lat}_max double deg required | northern edge
-- column: {lon}_min double deg required | western edge; greater than {lon}_max when the box crosses 180 degrees
-- column: {lon}_max double deg required | eastern edge
-- column: last_{lat} double deg required | latitude of the last fix
-- column: last_{lon} double deg required | longitude of the last fix
-- column: last_{measure} double {unit} | of the last fix: {doc}
-- column: last_{column} {type} {unit} | the last one that is known of the day: {doc}
-- column: ship_no int | which ship of the id, from 1; null: of none, it is a jump beside one that goes on
WITH fix AS (
    SELECT f.{id} AS mover,
           s.seg_id AS segment,
           s.ship_no AS ship_no,
           f.{time} AS seen_at,
           f.{lat} AS lat,
           f.{lon} AS lon
         , f.{measure} AS last_{measure}
         , f.{column} AS last_{column}
    FROM silver.{dataset} AS f
    JOIN silver.{dataset}_segments AS s ON s.{id} = f.{id} AND s.{time} = f.{time} AND s.kind IN ('good', 'ambiguous')
), seen AS (
    SELECT mover,
           segment,
           max(ship_no) AS ship_no,
           count(*) AS fixes,
           min(seen_at) AS begin_ts,
           max(seen_at) AS end_ts,
           min(lat) AS south,
           max(lat) AS north,
           min(lon) AS west,
           max(lon) AS east,
           min(lon) FILTER (lon >= 0) AS west_of_180,
           max(lon) FILTER (lon < 0) AS east_of_180,
           arg_max(struct_pack(lat := lat, lon := lon), seen_at) AS place
         , arg_max_null(last_{measure}, seen_at) AS last_{measure}
         , arg_max(last_{column}, seen_at) AS last_{column}
    FROM fix
    GROUP BY mover, segment
)
SELECT mover AS {id},
       segment AS seg_id,
       $day AS dt,
       fixes,
       begin_ts AS first_{time},
       end_ts AS last_{time},
       south AS {lat}_min,
       north AS {lat}_max,
       CASE WHEN east - west > 180 THEN west_of_180 ELSE west END AS {lon}_min,
       CASE WHEN east - west > 180 THEN east_of_180 ELSE east END AS {lon}_max,
       place.lat AS last_{lat},
       place.lon AS last_{lon}
     , last_{measure}
     , last_{column}
     , ship_no
FROM seen
