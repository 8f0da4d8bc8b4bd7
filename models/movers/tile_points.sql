-- Positions in the order of the map, for the tiles of `seine serve`: what lies together on the map lies together in the
-- file. Thinned to one fix per {word} and some minutes: a tile shows where movers go, tracks have every fix.
--
-- output: map
-- model: gold.{dataset}_tile_points
-- grain: the first fix of one {word} in some minutes
-- inputs: silver.{dataset}(day) --by:mover
-- inputs: silver.{dataset}(day), silver.{dataset}_segments(day) --by:segment
-- partition: dt
-- sort: cell, {id}, ts
-- setting: tile_minutes 10 | minutes of which one fix is kept
-- column: dt date required | UTC day
-- column: cell long required | cell of the place at level 16, in z-order (tile_cell)
-- column: {id} string required | id of the {word}
-- column: ts timestamptz required | time of the fix
-- column: lat double deg required | latitude
-- column: lon double deg required | longitude
-- column: told_{measure} double {unit} | {doc}
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
WITH fix AS (
    SELECT {id} AS mover,
           ship_no, --by:segment
           floor_div(epoch_us({time}), CAST(60000000 AS BIGINT) * $tile_minutes) AS part,
           {time} AS seen_at,
           {lat} AS lat,
           {lon} AS lon
         , {measure} AS told_{measure}
    FROM silver.{dataset}
    JOIN (SELECT {id}, {time}, ship_no FROM silver.{dataset}_segments WHERE ship_no IS NOT NULL) USING ({id}, {time}) --by:segment
    WHERE {lat} IS NOT NULL AND {lon} IS NOT NULL
), kept AS (
    SELECT mover,
           ship_no, --by:segment
           min(seen_at) AS seen_at,
           arg_min(lat, seen_at) AS lat,
           arg_min(lon, seen_at) AS lon
         , arg_min_null(told_{measure}, seen_at) AS told_{measure}
    FROM fix
    GROUP BY mover, part --by:mover
    GROUP BY mover, ship_no, part --by:segment
)
SELECT $day AS dt,
       tile_cell(lat, lon, 16) AS cell,
       mover AS {id},
       seen_at AS ts,
       lat,
       lon
     , told_{measure}
     , CAST(1 AS INTEGER) AS ship_no --by:mover
     , ship_no --by:segment
FROM kept
