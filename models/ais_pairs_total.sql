-- Pairs over all days of the lake (SPEC 1.4). The median is exact.
--
-- model: gold.ais_pairs_total
-- grain: two vessels which shared more than one cell on at least one day
-- inputs: gold.ais_pairs_daily(all)
-- partition: none
-- sort: uid_a, uid_b
-- column: uid_a string required | vessel id, the smaller one as text; with -2 its second ship, and so on
-- column: uid_b string required | vessel id, the greater one as text; the same
-- column: total_days_observed long d required | days on which they are a pair
-- column: days_with_gto_above_0_4 long d required | of these, days with gto of 0.4 or more
-- column: max_gto double required | greatest gto of a day
-- column: min_gto double required | smallest gto of a day
-- column: avg_gto double required | mean gto over the days
-- column: median_gto double required | exact median of gto over the days
-- column: avg_gtj double required | mean gtj over the days
-- column: median_gtj double required | exact median of gtj over the days
-- column: first_day date required | first day on which they are a pair
-- column: last_day date required | last day on which they are a pair
SELECT uid_a,
       uid_b,
       count(*) AS total_days_observed,
       count(*) FILTER (gto >= 0.4) AS days_with_gto_above_0_4,
       max(gto) AS max_gto,
       min(gto) AS min_gto,
       avg(CAST(gto AS DECIMAL(18, 17))) AS avg_gto,
       median(gto) AS median_gto,
       avg(CAST(gtj AS DECIMAL(18, 17))) AS avg_gtj,
       median(gtj) AS median_gtj,
       min(day_date) AS first_day,
       max(day_date) AS last_day
FROM gold.ais_pairs_daily
GROUP BY uid_a, uid_b
