-- Events of fishing as pipe-events publishes them: whose vessel, in which regions, and whether its authorizations in public
-- registries fit where it was. One row per event.
--
-- output: fishing
-- model: events.{dataset}_fishing_events
-- grain: one event of fishing, as it is published
-- inputs: gold.{dataset}_fishing_events(day), gold.{dataset}_fishing_regions(start_ts..end_ts of gold.{dataset}_fishing_events), gold.{dataset}_fishing_holders(all), ref.authorizations(all), ref.distances(all)
-- partition: produced_day
-- sort: vessel_id, event_start, candidate_id
-- sink: events
-- key: candidate_id
-- column: event_id string required | MD5 of fishing, vessel_id, start, end: another one as long as the event grows
-- column: event_type string required | fishing
-- column: vessel_id string required | the vessel
-- column: seg_id string required | id of the {word}
-- column: event_start timestamptz required | first message
-- column: event_end timestamptz required | last message, so far while open
-- column: lat_mean double deg required | middle of the messages on the sphere
-- column: lon_mean double deg required | middle of the messages on the sphere
-- column: lat_min double deg required | southern edge of the box
-- column: lat_max double deg required | northern edge
-- column: lon_min double deg required | western edge; greater than lon_max across 180 degrees
-- column: lon_max double deg required | eastern edge
-- column: regions_mean_position string required | JSON: ids of the regions of each layer that any message is in
-- column: start_distance_from_shore_km double km | of the cell of the first message, ref.distances
-- column: end_distance_from_shore_km double km | of the cell of the last one
-- column: start_distance_from_port_km double km | of the cell of the first message
-- column: end_distance_from_port_km double km | of the cell of the last one
-- column: event_info string required | JSON: counts, means, risk, status
-- column: event_vessels string required | JSON: the vessel and its authorizations by registry
-- column: vessel_public_authorization_status string required | what the authorizations of all registries come to
-- column: potential_risk boolean required | not authorized where it had to be, and outside of every EEZ
-- column: is_restrictive boolean required | whether the ship type of the vessel is fishing
-- column: is_closed boolean required | whether no message to come can belong to it
-- column: candidate_id string required | event_id in events.{dataset}_fishing, which never changes
-- column: produced_day date | day whose messages closed it; null while it is open
WITH event AS (
    SELECT *,
           {id} AS this_segment,
           md5('fishing|' || owner_id || '|' || stamp_text(start_ts) || '|' || stamp_text(end_ts)) AS public_id,
           floor(CAST(start_lat AS DECIMAL(18, 9)) * 100) AS start_row,
           floor(CAST(start_lon AS DECIMAL(18, 9)) * 100) AS start_column,
           floor(CAST(end_lat AS DECIMAL(18, 9)) * 100) AS end_row,
           floor(CAST(end_lon AS DECIMAL(18, 9)) * 100) AS end_column
    FROM gold.{dataset}_fishing_events
),
-- Events of one chain of a segment do not overlap: a message is of the last one that began by then, or of none.
region AS (
    SELECT DISTINCT event.event_id AS of_event, place.layer, place.region_id
    FROM gold.{dataset}_fishing_regions AS place
    ASOF JOIN event ON place.{id} = event.this_segment AND place.chain = event.chain AND place.ts >= event.start_ts
    WHERE place.ts <= event.end_ts
),
layers AS (
    SELECT of_event,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'eez'), []) AS eez,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'mpa'), []) AS mpa,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'rfmo'), []) AS rfmo,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'fao'), []) AS fao,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'major_fao'), []) AS major_fao,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'eez12nm'), []) AS eez12nm,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'high_seas'), []) AS high_seas,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'mpa_no_take'), []) AS mpa_no_take,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'mpa_no_take_partial'), []) AS mpa_no_take_partial,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'duke_paa'), []) AS duke_paa,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'protectedseas'), []) AS protectedseas,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'hsp'), []) AS hsp,
           coalesce(list(region_id ORDER BY region_id) FILTER (layer = 'fra_gfcm_fao'), []) AS fra_gfcm_fao
    FROM region
    GROUP BY of_event
),
registry AS (
    SELECT * FROM ref.authorizations
    WHERE valid_to IS NULL AND rfmo IN ('ICCAT', 'IOTC', 'WCPFC', 'IATTC', 'CCSBT', 'SPRFMO', 'NPFC')
),
scrape AS (
    SELECT rfmo AS scraped, max(authorized_to_ts) AS last_scrape FROM registry GROUP BY rfmo
),
matching AS (
    SELECT DISTINCT of_event, region_id AS rfmo
    FROM region
    JOIN event ON event_id = of_event
    JOIN gold.{dataset}_fishing_holders AS held
      ON held.vessel_id = owner_id AND held.rfmo = region_id
     AND start_ts < authorized_to_ts AND end_ts > authorized_from_ts
    WHERE layer = 'rfmo'
),
-- A registry that nobody has looked at yet may still tell of an authorization.
asked AS (
    SELECT region.of_event,
           region_id AS rfmo,
           CASE
               WHEN matching.rfmo IS NOT NULL THEN 'true'
               WHEN start_ts <= last_scrape THEN 'false'
               ELSE 'pending'
           END AS is_authorized,
           coalesce(start_ts >= last_scrape, true) AS is_after_scrape
    FROM region
    JOIN event ON event_id = region.of_event
    LEFT JOIN scrape ON scraped = region_id
    LEFT JOIN matching ON matching.of_event = region.of_event AND matching.rfmo = region_id
    WHERE layer = 'rfmo' AND region_id IN ('ICCAT', 'IOTC', 'WCPFC', 'IATTC', 'CCSBT', 'SPRFMO', 'NPFC')
),
verdict AS (
    SELECT of_event,
           CASE
               WHEN bool_and(is_authorized = 'true') THEN 'publicly_authorized'
               WHEN bool_or(is_authorized = 'true') THEN 'partially_matched'
               WHEN bool_or(is_after_scrape) THEN 'pending_info'
               ELSE 'not_matching_relevant_public_authorization'
           END AS status,
           list(struct_pack(rfmo := rfmo, has_publicly_listed_authorization := is_authorized) ORDER BY rfmo) AS authorizations
    FROM asked
    GROUP BY of_event
),
risk AS (
    SELECT event_id AS of_event,
           coalesce(status, 'publicly_authorized') AS status,
           coalesce(status = 'not_matching_relevant_public_authorization' AND len(coalesce(eez, [])) = 0, false) AS is_risk,
           coalesce(authorizations, []) AS authorizations
    FROM event
    LEFT JOIN verdict ON verdict.of_event = event_id
    LEFT JOIN layers ON layers.of_event = event_id
)
SELECT public_id AS event_id,
       'fishing' AS event_type,
       owner_id AS vessel_id,
       this_segment AS seg_id,
       start_ts AS event_start,
       end_ts AS event_end,
       lat_mean,
       lon_mean,
       lat_min,
       lat_max,
       lon_min,
       lon_max,
       CAST(to_json(struct_pack(eez := coalesce(eez, []), mpa := coalesce(mpa, []), rfmo := coalesce(layers.rfmo, []),
                     fao := coalesce(fao, []), major_fao := coalesce(major_fao, []), eez12nm := coalesce(eez12nm, []),
                     high_seas := coalesce(high_seas, []), mpa_no_take := coalesce(mpa_no_take, []),
                     mpa_no_take_partial := coalesce(mpa_no_take_partial, []), duke_paa := coalesce(duke_paa, []),
                     protectedseas := coalesce(protectedseas, []), hsp := coalesce(hsp, []),
                     fra_gfcm_fao := coalesce(fra_gfcm_fao, []))) AS VARCHAR) AS regions_mean_position,
       at_start.from_shore_m / 1000 AS start_distance_from_shore_km,
       at_end.from_shore_m / 1000 AS end_distance_from_shore_km,
       at_start.from_port_m / 1000 AS start_distance_from_port_km,
       at_end.from_port_m / 1000 AS end_distance_from_port_km,
       CAST(to_json(struct_pack(message_count := message_count, avg_duration_hrs := avg_step_h, distance_km := distance_m / 1000,
                     avg_speed_knots := avg_speed, potential_risk := is_risk,
                     vessel_public_authorization_status := status)) AS VARCHAR) AS event_info,
       CAST(to_json([struct_pack(id := owner_id, ssvid := CASE WHEN length(ssvid) <> 64 THEN ssvid END, name := shipname,
                      flag := flag, type := shiptype, seg_id := this_segment,
                      public_authorizations := authorizations)]) AS VARCHAR) AS event_vessels,
       status AS vessel_public_authorization_status,
       is_risk AS potential_risk,
       coalesce(shiptype = 'fishing', false) AS is_restrictive,
       is_closed,
       event.event_id AS candidate_id,
       produced_day
FROM event
JOIN risk ON risk.of_event = event.event_id
LEFT JOIN layers ON layers.of_event = event.event_id
LEFT JOIN (SELECT * FROM ref.distances WHERE valid_to IS NULL) AS at_start
       ON at_start.lat_cell = start_row AND at_start.lon_cell = start_column
LEFT JOIN (SELECT * FROM ref.distances WHERE valid_to IS NULL) AS at_end
       ON at_end.lat_cell = end_row AND at_end.lon_cell = end_column
