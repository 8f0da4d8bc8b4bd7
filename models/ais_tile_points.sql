-- Positions in the order of the map, for the tiles of `seine serve`: what lies together on the map lies together in the
-- file. Thinned to one fix per vessel and some minutes: a tile shows where vessels go, tracks have every fix.
--
-- model: gold.ais_tile_points
-- grain: the first fix of one ship of a vessel id in some minutes
-- inputs: silver.ais_enriched(day) --by:mover
-- inputs: silver.ais_segments(day) --by:segment
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
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
SELECT $day AS dt, tile_cell(lat, lon, 16) AS cell, mmsi, ts, lat, lon, sog, CAST(1 AS INTEGER) AS ship_no --by:mover
FROM silver.ais_enriched --by:mover
-- The fix before, which the row knows, was in other minutes. --by:mover
WHERE time_in_zone_h IS NULL --by:mover
   OR floor_div(epoch_us(ts), CAST(60000000 AS BIGINT) * $tile_minutes) --by:mover
      <> floor_div(epoch_us(ts) - CAST(round(time_in_zone_h * 3600000000) AS BIGINT), CAST(60000000 AS BIGINT) * $tile_minutes) --by:mover
SELECT $day AS dt, tile_cell(first.lat, first.lon, 16) AS cell, mmsi, first.ts AS ts, first.lat AS lat, first.lon AS lon, first.sog AS sog, ship_no --by:segment
FROM (SELECT mmsi, ship_no, arg_min(struct_pack(ts := ts, lat := lat, lon := lon, sog := sog), ts) AS first --by:segment
      FROM silver.ais_segments --by:segment
      WHERE ship_no IS NOT NULL --by:segment
      GROUP BY mmsi, ship_no, floor_div(epoch_us(ts), CAST(60000000 AS BIGINT) * $tile_minutes)) --by:segment
