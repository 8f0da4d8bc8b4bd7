-- Each segment: when and how often it was seen, where it was last and what it told last (gold.{dataset}_segments_daily),
-- and whether it is to be trusted: a segment of few fixes while another one of the same id goes on is a jump of that one
-- or of a third party, not a ship.
--
-- output: segments
-- model: gold.{dataset}_segments
-- grain: one segment
-- inputs: gold.{dataset}_segments_daily(all)
-- partition: none
-- sort: {id}, seg_id
-- setting: segment_min_fixes 10 | a segment of no more fixes is short
-- column: {id} string required | id of the {word}, which may be that of more than one
-- column: seg_id string required | id of the segment
-- column: days_seen long required | days with a good fix
-- column: fixes long required | good fixes
-- column: first_{time} timestamptz required | first of them
-- column: last_{time} timestamptz required | last of them
-- column: is_short boolean required | it has no more than segment_min_fixes fixes
-- column: is_overlapping boolean required | another segment of the id was seen while it lasted
-- column: overlapping_and_short boolean required | both
-- column: last_{lat} double deg required | latitude of the last fix
-- column: last_{lon} double deg required | longitude of the last fix
-- column: last_{measure} double {unit} | of the last fix: {doc}
-- column: last_{column} {type} {unit} | the last one that is known: {doc}
-- column: ship_no int | which ship of the id, from 1, the last that is known; null: it is a jump beside one that goes on
WITH segment AS (
    SELECT {id} AS mover,
           seg_id AS segment,
           arg_max(ship_no, dt) AS ship_no,
           count(*) AS days_seen,
           CAST(sum(fixes) AS BIGINT) AS fixes,
           min(first_{time}) AS begin_ts,
           max(last_{time}) AS end_ts,
           arg_max(last_{lat}, dt) AS lat,
           arg_max(last_{lon}, dt) AS lon
         , arg_max_null(last_{measure}, dt) AS last_{measure}
         , arg_max(last_{column}, dt) AS last_{column}
    FROM gold.{dataset}_segments_daily
    GROUP BY mover, segment
), ordered AS (
    -- In order of their begin a segment overlaps an earlier one when that ends later, and a later one when that begins before it ends.
    SELECT *,
           coalesce(max(end_ts) OVER before >= begin_ts, false)
               OR coalesce(min(begin_ts) OVER after <= end_ts, false) AS is_overlapping
    FROM segment
    WINDOW before AS (PARTITION BY mover ORDER BY begin_ts, segment ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           after AS (PARTITION BY mover ORDER BY begin_ts, segment ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
SELECT mover AS {id},
       segment AS seg_id,
       days_seen,
       fixes,
       begin_ts AS first_{time},
       end_ts AS last_{time},
       fixes <= $segment_min_fixes AS is_short,
       is_overlapping,
       is_overlapping AND fixes <= $segment_min_fixes AS overlapping_and_short,
       lat AS last_{lat},
       lon AS last_{lon}
     , last_{measure}
     , last_{column}
     , ship_no
FROM ordered
