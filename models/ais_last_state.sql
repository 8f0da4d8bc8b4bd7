-- The newest fix of each vessel, with its nearest port, speed category and weather. Name and type are the last ones that
-- were received at all: the newest fix may come without. What is derived is null while the fix is not enriched yet. Of a
-- ship it is the newest good fix, and of an id without any, which never tells its speed or course, the newest of all.
--
-- model: gold.ais_last_state
-- grain: one ship of a vessel id
-- inputs: gold.ais_vessel_days(all), gold.ais_last_enriched_daily(all) --by:mover
-- inputs: gold.ais_segments(all), gold.ais_vessel_days(all), gold.ais_last_enriched_daily(all) --by:segment
-- partition: none
-- sort: mmsi, ship_no
-- column: mmsi string required | vessel id
-- column: name string | last name received
-- column: vessel_type int | last ship type code received
-- column: ts timestamptz required | time of the newest fix
-- column: lat double deg required | its latitude
-- column: lon double deg required | its longitude
-- column: sog double kn | its speed over ground
-- column: cog double deg | its course over ground
-- column: heading double deg | its heading
-- column: status int | its navigational status
-- column: nearest_port string | port nearest to it
-- column: nearest_port_id string | the port's id
-- column: distance_to_port_km double km | distance to that port
-- column: speed_category string | STOPPED, SLOW, CRUISING or FAST
-- column: time_in_zone_h double h | time since the fix before
-- column: is_potential_fishing boolean | as in silver.ais_enriched
-- column: temperature double | weather there and then
-- column: wind_speed double | weather there and then
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
WITH told AS ( --by:segment
    SELECT mmsi, ship_no, last_ts, nullif(trim(last_name, ' @'), '') AS last_name, last_vessel_type, --by:segment
           last_lat, last_lon, last_sog, last_cog, last_heading, last_status --by:segment
    FROM gold.ais_segments --by:segment
    WHERE ship_no IS NOT NULL --by:segment
    UNION ALL --by:segment
    SELECT mmsi, 1, last_ts, last_name, last_vessel_type, --by:segment
           last_lat, last_lon, last_sog, last_cog, last_heading, last_status --by:segment
    FROM gold.ais_vessel_days --by:segment
    ANTI JOIN (SELECT mmsi FROM gold.ais_segments WHERE ship_no IS NOT NULL) USING (mmsi) --by:segment
), newest AS ( --by:segment
WITH newest AS ( --by:mover
    SELECT mmsi,
           arg_max(last_name, dt) AS name, --by:mover
           arg_max(last_vessel_type, dt) AS vessel_type, --by:mover
           max(dt) AS dt --by:mover
    FROM gold.ais_vessel_days --by:mover
    GROUP BY mmsi --by:mover
           ship_no, --by:segment
           arg_max(last_name, last_ts) AS name, --by:segment
           arg_max(last_vessel_type, last_ts) AS vessel_type, --by:segment
           max(last_ts) AS last_ts --by:segment
    FROM told --by:segment
    GROUP BY mmsi, ship_no --by:segment
)
SELECT newest.mmsi AS mmsi,
       newest.name,
       newest.vessel_type,
       last_ts AS ts,
       last_lat AS lat,
       last_lon AS lon,
       last_sog AS sog,
       last_cog AS cog,
       last_heading AS heading,
       last_status AS status,
       nearest_port,
       nearest_port_id,
       distance_to_port_km,
       speed_category,
       time_in_zone_h,
       is_potential_fishing,
       temperature,
       wind_speed,
       CAST(1 AS INTEGER) AS ship_no --by:mover
       newest.ship_no AS ship_no --by:segment
FROM newest
JOIN gold.ais_vessel_days AS day USING (mmsi, dt) --by:mover
JOIN told AS day USING (mmsi, ship_no, last_ts) --by:segment
LEFT JOIN gold.ais_last_enriched_daily AS derived
       ON derived.mmsi = newest.mmsi AND derived.dt = newest.dt AND derived.ts = day.last_ts --by:mover
       ON derived.mmsi = newest.mmsi AND derived.ship_no = newest.ship_no AND derived.ts = newest.last_ts --by:segment
