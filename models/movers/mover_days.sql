-- The day of each {word}: how much was seen of it, the box it stayed in, and what it told last. Place and measures
-- belong to a fix, so these are of the newest one (the place of the newest one that has a place); all else is the last
-- that is known, each on its own.
--
-- output: movers
-- model: gold.{dataset}_mover_days
-- grain: one {word} on one day
-- inputs: silver.{dataset}(day)
-- partition: dt
-- sort: {id}
-- reconcile: fixes = silver.{dataset}
-- column: {id} string required | id of the {word}
-- column: dt date required | UTC day
-- column: fixes long required | fixes of the day, duplicates removed
-- column: first_{time} timestamptz required | first fix of the day
-- column: last_{time} timestamptz required | last fix of the day
-- column: {lat}_min double deg {place_required} | southern edge of the box of all fixes
-- column: {lat}_max double deg {place_required} | northern edge
-- column: {lon}_min double deg {place_required} | western edge; greater than {lon}_max when the box crosses 180 degrees
-- column: {lon}_max double deg {place_required} | eastern edge
-- column: last_{lat} double deg {place_required} | latitude of the last fix
-- column: last_{lon} double deg {place_required} | longitude of the last fix
-- column: max_{measure} double {unit} | greatest of the day: {doc}
-- column: last_{measure} double {unit} | of the last fix: {doc}
-- column: last_{column} {type} {unit} | the last one that is known of the day: {doc}
WITH fix AS (
    SELECT {id} AS mover,
           {time} AS seen_at,
           {lat} AS lat,
           {lon} AS lon
         , {measure} AS last_{measure}
         , {column} AS last_{column}
    FROM silver.{dataset}
), seen AS (
    SELECT mover,
           count(*) AS fixes,
           min(seen_at) AS begin_ts,
           max(seen_at) AS end_ts,
           min(lat) AS south,
           max(lat) AS north,
           min(lon) AS west,
           max(lon) AS east,
           min(lon) FILTER (lon >= 0) AS west_of_180,
           max(lon) FILTER (lon < 0) AS east_of_180,
           arg_max(struct_pack(lat := lat, lon := lon), seen_at) FILTER (lat IS NOT NULL AND lon IS NOT NULL) AS place
         , max(last_{measure}) AS max_{measure}
         , arg_max_null(last_{measure}, seen_at) AS last_{measure}
         , arg_max(last_{column}, seen_at) AS last_{column}
    FROM fix
    GROUP BY mover
)
SELECT mover AS {id},
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
     , max_{measure}
     , last_{measure}
     , last_{column}
FROM seen
