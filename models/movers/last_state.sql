-- The last state of each {word}, in the columns of silver: place and measures of its newest fix, and of all else the
-- last that is known.
--
-- output: movers
-- model: gold.{dataset}_last_state
-- grain: one {word}
-- inputs: gold.{dataset}_movers(all)
-- partition: none
-- sort: {id}
-- column: {id} string required | id of the {word}
-- column: {time} timestamptz required | time of the newest fix
-- column: {lat} double deg {place_required} | its latitude
-- column: {lon} double deg {place_required} | its longitude
-- column: {measure} double {unit} | {doc}
-- column: {column} {type} {unit} | the last one that is known: {doc}
SELECT {id},
       last_{time} AS {time},
       last_{lat} AS {lat},
       last_{lon} AS {lon}
     , last_{measure} AS {measure}
     , last_{column} AS {column}
FROM gold.{dataset}_movers
