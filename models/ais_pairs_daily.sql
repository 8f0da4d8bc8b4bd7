-- Vessels that were in the same cell in the same hour, with both families of scores (SPEC 1.4). A pair must have shared
-- more than one cell, so that vessels which lie side by side all day do not count. How to read the scores:
-- docs/models.md.
--
-- model: gold.ais_pairs_daily
-- grain: two vessels which shared more than one cell on one day
-- inputs: gold.ais_hourly_h3(day)
-- partition: day_date
-- sort: uid_a, uid_b
-- column: uid_a string required | vessel id, the smaller one as text; with -2 its second ship, and so on
-- column: uid_b string required | vessel id, the greater one as text; the same
-- column: day_date date required | UTC day
-- column: hA long h required | hours in which vessel a was seen
-- column: hB long h required | hours in which vessel b was seen
-- column: gA long required | cells of vessel a
-- column: gB long required | cells of vessel b
-- column: hT long h required | hours in which both were in the same cell
-- column: gT long required | different cells they shared
-- column: temporal_j double required | hT / (hA + hB - hT)
-- column: spatial_j double required | gT / (gA + gB - gT)
-- column: gtj double required | mean of temporal_j and spatial_j: how much of their days were spent together
-- column: temporal_o double required | hT / least of hA, hB
-- column: spatial_o double required | gT / least of gA, gB
-- column: gto double required | mean of temporal_o and spatial_o: how much of the shorter day was spent together
-- column: hours_a long h required | hA by a name that says it
-- column: hours_b long h required | hB
-- column: hours_shared long h required | hT
-- column: cells_a long required | gA
-- column: cells_b long required | gB
-- column: cells_shared long required | gT
WITH seen AS (
    SELECT ship_uid(mmsi, ship_no) AS uid, hour, h3_index
    FROM gold.ais_hourly_h3
), vessel AS (
    SELECT uid, count(*) AS h, count(DISTINCT h3_index) AS g
    FROM seen
    GROUP BY uid
), place AS (
    SELECT CAST('0x' || h3_index AS BIGINT) AS cell, hour, uid
    FROM seen
), met AS (
    -- A vessel is in one cell an hour, so each row is another hour. Most pairs share one cell only: they fall out
    -- before anything has to be counted apart.
    SELECT a.uid AS uid_a, b.uid AS uid_b, count(*) AS hT, list(a.cell) AS cells
    FROM place AS a
    JOIN place AS b ON a.hour = b.hour AND a.cell = b.cell AND a.uid < b.uid
    GROUP BY a.uid, b.uid
    HAVING min(a.cell) <> max(a.cell)
), pair AS (
    SELECT uid_a, uid_b, hT, CAST(list_unique(cells) AS BIGINT) AS gT
    FROM met
)
SELECT uid_a,
       uid_b,
       $day AS day_date,
       a.h AS hA,
       b.h AS hB,
       a.g AS gA,
       b.g AS gB,
       hT,
       gT,
       hT / (a.h + b.h - hT) AS temporal_j,
       gT / (a.g + b.g - gT) AS spatial_j,
       0.5::DOUBLE * (hT / (a.h + b.h - hT) + gT / (a.g + b.g - gT)) AS gtj,
       hT / least(a.h, b.h) AS temporal_o,
       gT / least(a.g, b.g) AS spatial_o,
       0.5::DOUBLE * (hT / least(a.h, b.h) + gT / least(a.g, b.g)) AS gto,
       a.h AS hours_a,
       b.h AS hours_b,
       hT AS hours_shared,
       a.g AS cells_a,
       b.g AS cells_b,
       gT AS cells_shared
FROM pair
JOIN vessel AS a ON a.uid = uid_a
JOIN vessel AS b ON b.uid = uid_b
WHERE gT > 1
