-- What is derived from the last fix of each vessel's day. Apart from gold.ais_vessel_days, because silver may have got new
-- fixes since it was enriched: each of the two tables is right for what it is made from. Of a ship it is the last good fix.
--
-- model: gold.ais_last_enriched_daily
-- grain: one ship of a vessel id on one day
-- inputs: silver.ais_enriched(day) --by:mover
-- inputs: silver.ais_enriched(day), silver.ais_segments(day) --by:segment
-- partition: dt
-- sort: mmsi, ship_no
-- column: mmsi string required | vessel id
-- column: dt date required | UTC day
-- column: ts timestamptz required | last enriched fix of the day
-- column: nearest_port string | port nearest to it
-- column: nearest_port_id string | its port_id
-- column: distance_to_port_km double km | distance to it
-- column: speed_category string required | its speed category
-- column: time_in_zone_h double h | time since the fix before
-- column: is_potential_fishing boolean | as in silver.ais_enriched
-- column: temperature double | weather there and then
-- column: wind_speed double | weather there and then
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
SELECT mmsi, $day AS dt, ts, nearest_port, nearest_port_id, distance_to_port_km, speed_category, time_in_zone_h,
       is_potential_fishing, temperature, wind_speed,
       CAST(1 AS INTEGER) AS ship_no --by:mover
       ship_no --by:segment
FROM silver.ais_enriched
JOIN (SELECT mmsi, max(ts) AS ts FROM silver.ais_enriched GROUP BY mmsi) USING (mmsi, ts) --by:mover
JOIN (SELECT mmsi, ship_no, coalesce(max(ts) FILTER (kind IN ('good', 'ambiguous')), max(ts)) AS ts --by:segment
      FROM silver.ais_segments WHERE ship_no IS NOT NULL GROUP BY mmsi, ship_no) USING (mmsi, ts) --by:segment
