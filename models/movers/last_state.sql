-- The last state of each {word}, in the columns of silver: place and measures of its newest fix, and of all else the
-- last that is known. Of ships the fixes are good ones, and of an id without any, which never tells its speed or course,
-- all.
--
-- output: movers
-- model: gold.{dataset}_last_state
-- grain: one {word} --by:mover
-- grain: one ship of the id of a {word} --by:segment
-- inputs: gold.{dataset}_movers(all) --by:mover
-- inputs: gold.{dataset}_segments(all), gold.{dataset}_movers(all) --by:segment
-- partition: none
-- sort: {id} --by:mover
-- sort: {id}, ship_no --by:segment
-- column: {id} string required | id of the {word}
-- column: {time} timestamptz required | time of the newest fix
-- column: {lat} double deg {place_required} | its latitude
-- column: {lon} double deg {place_required} | its longitude
-- column: {measure} double {unit} | {doc}
-- column: {column} {type} {unit} | the last one that is known: {doc}
-- column: ship_no int | which ship of the id, from 1 --by:segment
SELECT {id},
       last_{time} AS {time}, --by:mover
       last_{lat} AS {lat}, --by:mover
       last_{lon} AS {lon} --by:mover
     , last_{measure} AS {measure} --by:mover
     , last_{column} AS {column} --by:mover
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
UNION ALL --by:segment
SELECT {id}, --by:segment
       last_{time}, --by:segment
       last_{lat}, --by:segment
       last_{lon} --by:segment
     , last_{measure} --by:segment
     , last_{column} --by:segment
     , 1 --by:segment
FROM gold.{dataset}_movers --by:segment
ANTI JOIN (SELECT {id} FROM gold.{dataset}_segments WHERE ship_no IS NOT NULL) USING ({id}) --by:segment
