-- In which regions a model sees fishing: each message of fishing and each region of ref.regions that holds then and has it.
--
-- output: fishing
-- model: gold.{dataset}_fishing_regions
-- grain: one message of fishing of one chain in one region
-- inputs: silver.{dataset}(day), ref.regions(all)
-- partition: dt
-- sort: {id}, chain, {time}, layer
-- column: dt date required | UTC day of the message
-- column: {id} string required | id of the {word}
-- column: chain string required | nnet: by nnet_score; night: by night_loitering
-- column: {time} timestamptz required | time of the message
-- column: layer string required | layer of the region
-- column: region_id string required | the region
WITH scored AS ( -- a dataset has one of the scores, or both
    SELECT CAST(NULL AS DOUBLE) AS nnet_score, CAST(NULL AS DOUBLE) AS night_loitering WHERE false
    UNION ALL BY NAME
    SELECT * FROM silver.{dataset}
),
message AS (
    SELECT {id} AS mover,
           {time} AS moment,
           nnet_score = 1 AS is_nnet,
           night_loitering = 1 AS is_night,
           unnest(regions_at({lat}, {lon}, {time})) AS region
    FROM scored
    WHERE (nnet_score = 1 OR night_loitering = 1) AND abs({lat}) < 90
)
SELECT $day AS dt,
       mover AS {id},
       name AS chain,
       moment AS {time},
       region.layer AS layer,
       region.id AS region_id
FROM message
JOIN (VALUES ('nnet'), ('night')) AS chains(name) ON CASE name WHEN 'nnet' THEN is_nnet ELSE is_night END
