-- Where each {word} was in each hour, and the hexagonal cell of that place. Means do not depend on the order of rows
-- and are right across 180 degrees: 179.9 and -179.9 have the mean 180, not 0.
--
-- output: hours
-- model: gold.{dataset}_hourly_h3
-- grain: the fixes of one {word}, of one ship of an id in a lake that goes by segment, in one hour
-- inputs: silver.{dataset}(day) --by:mover
-- inputs: silver.{dataset}(day), silver.{dataset}_segments(day) --by:segment
-- partition: dt
-- sort: {id}, hour_ts, ship_no
-- reconcile: message_count = silver.{dataset} --by:mover
-- setting: cell_resolution 7 | H3 resolution of the cells, 0 to 15
-- column: {id} string required | id of the {word}
-- column: hour_ts timestamptz required | start of the hour, UTC
-- column: avg_{lat} double deg {place_required} | mean latitude of the fixes
-- column: avg_{lon} double deg {place_required} | mean longitude of the fixes, right across 180 degrees
-- column: h3_index string {place_required} | H3 cell of the mean position
-- column: message_count long required | fixes, duplicates removed
-- column: ingested_at timestamptz required lineage | when the run made the row
-- column: dt date required | UTC day
-- column: hour int required | hour of the day, 0 to 23
-- column: avg_{measure} double {unit} | mean of the fixes that have one: {doc}
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
WITH fix AS (
    SELECT {id} AS mover,
           ship_no, --by:segment
           hours_of({time}) AS hours,
           {lat} AS lat,
           {lon} AS lon
         , TRY_CAST({measure} AS DECIMAL(28, 9)) AS exact_{measure}
    FROM silver.{dataset}
    JOIN (SELECT {id}, {time}, ship_no FROM silver.{dataset}_segments WHERE ship_no IS NOT NULL) USING ({id}, {time}) --by:segment
), hourly AS (
    SELECT mover,
           ship_no, --by:segment
           hours,
           exact_mean(lat) AS place_lat,
           lon_mean(lon) AS place_lon,
           count(*) AS messages
         , CAST(sum(exact_{measure}) AS DOUBLE) / count(exact_{measure}) AS mean_{measure}
    FROM fix
    GROUP BY mover, hours --by:mover
    GROUP BY mover, ship_no, hours --by:segment
)
SELECT mover AS {id},
       make_timestamptz(hours * 3600000000) AS hour_ts,
       place_lat AS avg_{lat},
       place_lon AS avg_{lon},
       h3_cell(place_lat, place_lon, $cell_resolution) AS h3_index,
       messages AS message_count,
       $run_at AS ingested_at,
       DATE '1970-01-01' + CAST(floor_div(hours, 24) AS INTEGER) AS dt,
       CAST(floor_mod(hours, 24) AS INTEGER) AS hour
     , mean_{measure} AS avg_{measure}
     , CAST(1 AS INTEGER) AS ship_no --by:mover
     , ship_no --by:segment
FROM hourly
