-- Each {word}: when and how often it was seen, where it was last and what it told last (gold.{dataset}_mover_days).
--
-- output: movers
-- model: gold.{dataset}_movers
-- grain: one {word}
-- inputs: gold.{dataset}_mover_days(all)
-- partition: none
-- sort: {id}
-- column: {id} string required | id of the {word}
-- column: days_seen long required | days with a fix
-- column: fixes long required | fixes, duplicates removed
-- column: first_{time} timestamptz required | first fix
-- column: last_{time} timestamptz required | last fix
-- column: last_{lat} double deg {place_required} | latitude of the last fix
-- column: last_{lon} double deg {place_required} | longitude of the last fix
-- column: last_{measure} double {unit} | of the last fix: {doc}
-- column: last_{column} {type} {unit} | the last one that is known: {doc}
SELECT {id},
       count(*) AS days_seen,
       CAST(sum(fixes) AS BIGINT) AS fixes,
       min(first_{time}) AS first_{time},
       max(last_{time}) AS last_{time},
       arg_max(last_{lat}, dt) AS last_{lat},
       arg_max(last_{lon}, dt) AS last_{lon}
     , arg_max_null(last_{measure}, dt) AS last_{measure}
     , arg_max(last_{column}, dt) AS last_{column}
FROM gold.{dataset}_mover_days
GROUP BY {id}
