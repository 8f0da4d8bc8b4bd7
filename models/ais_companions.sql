-- Vessels that keep travelling together. The score rewards days that repeat, days that are a large share of those on
-- which both were seen at all, and ground covered together; it is explained in docs/companions.md.
--
-- model: gold.ais_companions
-- grain: two vessels which moved together on at least companion_days days
-- inputs: gold.ais_companions_daily(all), gold.ais_hourly_h3(all)
-- partition: none
-- sort: uid_a, uid_b
-- setting: companion_days 2 | fewest days together
-- column: uid_a string required | vessel id, the smaller one as text; with -2 its second ship, and so on
-- column: uid_b string required | vessel id, the greater one as text; the same
-- column: days_together long d required | days on which they moved together
-- column: days_both_seen long d required | days on which both were seen anywhere
-- column: share double required | days_together / days_both_seen
-- column: hours_together long h required | hours they moved together, all days
-- column: cells_together long required | cells they moved through together, counted per day, all days
-- column: border_hours long h required | of the hours, those in neighbouring cells instead of the same one
-- column: is_split_by_border boolean required | more hours in neighbouring cells than in the same one
-- column: avg_distance_m double m required | mean over the days of their distance
-- column: first_day date required | first day together
-- column: last_day date required | last day together
-- column: score double required | share * (1 - 1 / days_together) * cells_together / (cells_together + 12), 0 to 1
WITH pair AS (
    SELECT uid_a,
           uid_b,
           count(*) AS days_together,
           CAST(sum(hours_together) AS BIGINT) AS hours_together,
           CAST(sum(cells_together) AS BIGINT) AS cells_together,
           CAST(sum(border_hours) AS BIGINT) AS border_hours,
           avg(CAST(avg_distance_m AS DECIMAL(18, 6))) AS avg_distance_m,
           min(dt) AS first_day,
           max(dt) AS last_day
    FROM gold.ais_companions_daily
    GROUP BY uid_a, uid_b
    HAVING days_together >= $companion_days
), wanted AS (
    SELECT uid_a AS uid FROM pair
    UNION
    SELECT uid_b FROM pair
), seen AS (
    SELECT ship_uid(mmsi, ship_no) AS uid, list(DISTINCT dt) AS days
    FROM gold.ais_hourly_h3
    WHERE ship_uid(mmsi, ship_no) IN (SELECT uid FROM wanted)
    GROUP BY uid
), counted AS (
    SELECT pair.*, CAST(len(list_intersect(a.days, b.days)) AS BIGINT) AS days_both_seen
    FROM pair
    JOIN seen AS a ON a.uid = uid_a
    JOIN seen AS b ON b.uid = uid_b
)
SELECT uid_a,
       uid_b,
       days_together,
       days_both_seen,
       days_together / days_both_seen AS share,
       hours_together,
       cells_together,
       border_hours,
       2 * border_hours > hours_together AS is_split_by_border,
       avg_distance_m,
       first_day,
       last_day,
       days_together / days_both_seen * (1 - 1 / days_together) * (cells_together / (cells_together + 12)) AS score
FROM counted
