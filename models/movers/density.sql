-- How many fixes each cell of the map had in each hour, for the tiles of `seine serve`. Cells are those of web maps'
-- square grid (tile_cell); three levels, so that a tile of any zoom reads about as many rows as it draws.
--
-- output: map
-- model: gold.{dataset}_density
-- grain: one cell of one level in one hour
-- inputs: silver.{dataset}(day)
-- partition: dt
-- sort: level, cell, hour
-- column: dt date required | UTC day
-- column: level int required | 7, 10 or 13: the grid has 2^level cells a side
-- column: cell long required | number of the cell in z-order
-- column: hour int required | hour of the day, 0 to 23
-- column: fixes long required | fixes in the cell, duplicates removed
WITH fix AS (
    SELECT tile_cell({lat}, {lon}, 13) AS cell, hour_of({time}) AS hour
    FROM silver.{dataset}
    WHERE {lat} IS NOT NULL AND {lon} IS NOT NULL
), finest AS (
    SELECT cell, hour, count(*) AS fixes
    FROM fix
    GROUP BY cell, hour
), level AS (
    SELECT unnest([7, 10, 13]) AS level
)
SELECT $day AS dt,
       CAST(level.level AS INTEGER) AS level,
       cell >> (2 * (13 - level.level)) AS cell,
       hour,
       CAST(sum(fixes) AS BIGINT) AS fixes
FROM finest, level
GROUP BY ALL
