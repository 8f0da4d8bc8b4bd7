-- Vessels that moved together on one day: in the same hours under way, in the same cell, or in neighbouring cells and
-- close to each other, because a border between cells must not part them.
--
-- model: gold.ais_companions_daily
-- grain: two vessels which moved together on one day
-- inputs: gold.ais_hourly_h3(day)
-- partition: dt
-- sort: uid_a, uid_b
-- setting: companion_speed 2 | knots: slower hours are anchorage or berth and do not count
-- setting: companion_hours 2 | fewest hours together of a day
-- setting: companion_cells 2 | fewest different cells together of a day
-- setting: companion_distance 1500 | metres between mean positions in neighbouring cells that still count as together
-- column: uid_a string required | vessel id, the smaller one as text; with -2 its second ship, and so on
-- column: uid_b string required | vessel id, the greater one as text; the same
-- column: dt date required | UTC day
-- column: hours_together long h required | hours both were under way and together
-- column: cells_together long required | different cells of vessel a in these hours
-- column: border_hours long h required | of these hours, those in neighbouring cells instead of the same one
-- column: avg_distance_m double m required | mean distance of their mean positions in these hours
WITH moving AS (
    SELECT ship_uid(mmsi, ship_no) AS uid, hour, h3_index, avg_lat, avg_lon
    FROM gold.ais_hourly_h3
    WHERE avg_sog >= $companion_speed
), around AS (
    SELECT uid, hour, h3_index, avg_lat, avg_lon, unnest(h3_disk(h3_index, 1)) AS near
    FROM moving
), met AS (
    SELECT a.uid AS uid_a,
           b.uid AS uid_b,
           a.h3_index AS cell,
           a.h3_index <> b.h3_index AS is_border,
           distance_m(a.avg_lat, a.avg_lon, b.avg_lat, b.avg_lon) AS distance
    FROM around AS a
    JOIN moving AS b ON a.hour = b.hour AND a.near = b.h3_index AND a.uid < b.uid
)
SELECT uid_a,
       uid_b,
       $day AS dt,
       count(*) AS hours_together,
       count(DISTINCT cell) AS cells_together,
       count(*) FILTER (is_border) AS border_hours,
       avg(CAST(distance AS DECIMAL(18, 6))) AS avg_distance_m
FROM met
WHERE NOT is_border OR distance <= $companion_distance
GROUP BY uid_a, uid_b
HAVING hours_together >= $companion_hours AND cells_together >= $companion_cells
