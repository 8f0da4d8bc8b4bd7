-- Regions of ref.regions cut into cells of one degree, once for all days that look places up in them.
--
-- output: fishing
-- model: gold.{dataset}_region_pieces
-- grain: one polygon of one region in one cell
-- inputs: ref.regions(all)
-- partition: none
-- sort: cell, layer, region_id, valid_from
-- column: cell int required | region_cell of the places in it
-- column: layer string required | layer of the region
-- column: region_id string required | the region
-- column: valid_from timestamptz | since when the region holds; null = since ever
-- column: valid_to timestamptz | until when, exclusive; null = for ever
-- column: piece binary required | for region_covers
SELECT part.cell AS cell,
       layer,
       region_id,
       valid_from,
       valid_to,
       part.piece AS piece
FROM (SELECT layer, region_id, valid_from, valid_to, unnest(region_pieces(geometry)) AS part FROM ref.regions)
