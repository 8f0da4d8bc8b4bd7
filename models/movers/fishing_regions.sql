-- In which regions a model sees fishing: each message of fishing and each region of ref.regions that holds then and has it.
--
-- output: fishing
-- model: gold.{dataset}_fishing_regions
-- grain: one message of fishing of one chain in one region
-- inputs: silver.{dataset}(day), gold.{dataset}_region_pieces(all)
-- partition: dt
-- sort: {id}, chain, ts, layer
-- column: dt date required | UTC day of the message
-- column: {id} string required | id of the {word}
-- column: chain string required | nnet: by nnet_score; night: by night_loitering
-- column: ts timestamptz required | time of the message
-- column: layer string required | layer of the region
-- column: region_id string required | the region
WITH scored AS ( -- a dataset has one of the scores, or both
    SELECT CAST(NULL AS DOUBLE) AS nnet_score, CAST(NULL AS DOUBLE) AS night_loitering WHERE false
    UNION ALL BY NAME
    SELECT * FROM silver.{dataset}
),
message AS (
    SELECT {id} AS mover, {time} AS moment, {lat} AS lat, {lon} AS lon, nnet_score = 1 AS is_nnet, night_loitering = 1 AS is_night
    FROM scored
    WHERE (nnet_score = 1 OR night_loitering = 1) AND abs({lat}) < 90
),
place AS ( -- polygons of a region may overlap
    SELECT DISTINCT mover, moment, is_nnet, is_night, layer, region_id
    FROM message
    JOIN gold.{dataset}_region_pieces ON cell = region_cell(lat, lon) AND region_covers(piece, lat, lon)
    WHERE (valid_from IS NULL OR valid_from <= moment) AND (valid_to IS NULL OR valid_to > moment)
)
SELECT $day AS dt,
       mover AS {id},
       name AS chain,
       moment AS ts,
       layer,
       region_id
FROM place
JOIN (VALUES ('nnet'), ('night')) AS chains(name) ON CASE name WHEN 'nnet' THEN is_nnet ELSE is_night END
