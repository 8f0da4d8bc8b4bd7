-- Positions in the order of the map, for the tiles of `seine serve`: what lies together on the map lies together in the
-- file. Thinned to one fix per vessel and some minutes: a tile shows where vessels go, tracks have every fix.
--
-- model: gold.ais_tile_points
-- grain: the first fix of one vessel in some minutes
-- inputs: silver.ais_enriched(day)
-- partition: dt
-- sort: cell, mmsi, ts
-- setting: tile_minutes 10 | minutes of which one fix is kept
-- column: dt date required | UTC day
-- column: cell long required | cell of the place at level 16, in z-order (tile_cell)
-- column: mmsi string required | vessel id
-- column: ts timestamptz required | time of the fix
-- column: lat double deg required | latitude
-- column: lon double deg required | longitude
-- column: sog double kn | speed over ground
SELECT $day AS dt, tile_cell(lat, lon, 16) AS cell, mmsi, ts, lat, lon, sog
FROM silver.ais_enriched
-- The fix before, which the row knows, was in other minutes.
WHERE time_in_zone_h IS NULL
   OR floor_div(epoch_us(ts), CAST(60000000 AS BIGINT) * $tile_minutes)
      <> floor_div(epoch_us(ts) - CAST(round(time_in_zone_h * 3600000000) AS BIGINT), CAST(60000000 AS BIGINT) * $tile_minutes)
