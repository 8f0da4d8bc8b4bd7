-- The last state of each {word}, in the columns of silver: place and measures of its newest fix, and of all else the
-- last that is known.
--
-- output: movers
-- model: gold.{dataset}_last_state
-- grain: one {word}, one ship of an id in a lake that goes by segment
-- inputs: gold.{dataset}_movers(all) --by:mover
-- inputs: gold.{dataset}_segments(all) --by:segment
-- partition: none
-- sort: {id}, ship_no
-- column: {id} string required | id of the {word}
-- column: {time} timestamptz required | time of the newest fix
-- column: {lat} double deg {place_required} | its latitude
-- column: {lon} double deg {place_required} | its longitude
-- column: {measure} double {unit} | {doc}
-- column: {column} {type} {unit} | the last one that is known: {doc}
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
SELECT {id},
       last_{time} AS {time}, --by:mover
       last_{lat} AS {lat}, --by:mover
       last_{lon} AS {lon} --by:mover
     , last_{measure} AS {measure} --by:mover
     , last_{column} AS {column} --by:mover
     , CAST(1 AS INTEGER) AS ship_no --by:mover
FROM gold.{dataset}_movers --by:mover
       max(last_{time}) AS {time}, --by:segment
       arg_max(last_{lat}, last_{time}) AS {lat}, --by:segment
       arg_max(last_{lon}, last_{time}) AS {lon} --by:segment
     , arg_max_null(last_{measure}, last_{time}) AS {measure} --by:segment
     , arg_max(last_{column}, last_{time}) AS {column} --by:segment
     , ship_no --by:segment
FROM gold.{dataset}_segments --by:segment
WHERE ship_no IS NOT NULL --by:segment
GROUP BY {id}, ship_no --by:segment
