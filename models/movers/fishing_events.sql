-- Events of fishing that count as such: of good segments, long, of many messages, slow and far enough, and of the chain
-- that the class of their vessel asks for. What no reference table is loaded for is not asked: without ref.segments
-- every segment is good, without ref.segment_vessels each ssvid is a vessel, without ref.vessels none is a squid jigger.
--
-- output: fishing
-- model: gold.{dataset}_fishing_events
-- grain: one event of fishing
-- inputs: events.{dataset}_fishing(day), ref.segments(all), ref.segment_vessels(all), ref.vessels(all)
-- partition: produced_day
-- sort: {id}, start_ts
-- setting: fishing_min_duration_s 1200 | an event is strictly longer, in seconds
-- setting: fishing_min_messages 5 | it has strictly more messages
-- setting: fishing_max_speed 10 | it is strictly slower on the average, in knots
-- setting: fishing_min_distance_m 500 | it goes strictly further, in metres
-- setting: squid_min_distance_m 50 | an event of a squid jigger by night goes strictly further, in metres
-- setting: segment_min_positions 10 | a good segment has strictly more positions
-- column: event_id string required | as in events.{dataset}_fishing
-- column: {id} string required | id of the {word}
-- column: start_ts timestamptz required | first message
-- column: end_ts timestamptz required | last message, so far while open
-- column: is_closed boolean required | whether no message to come can belong to it
-- column: fishing_id string required | MD5 of fishing, ssvid, start, end
-- column: ssvid string required | what the vessel transmits
-- column: message_count long required | messages of fishing
-- column: duration_h double h required | from start to end
-- column: distance_m double m required | sum of the ways to these messages, but for the first
-- column: avg_speed double kn required | mean speed of the messages
-- column: avg_implied_speed double kn | mean speed between messages
-- column: avg_step_m double m | mean way from message to message
-- column: avg_step_h double h | mean time from message to message
-- column: lat_min double deg required | southern edge of the box
-- column: lat_max double deg required | northern edge
-- column: lon_min double deg required | western edge; greater than lon_max across 180 degrees
-- column: lon_max double deg required | eastern edge
-- column: lat_mean double deg required | middle of the messages on the sphere
-- column: lon_mean double deg required | middle of the messages on the sphere
-- column: start_lat double deg required | latitude of the first message
-- column: start_lon double deg required | longitude of the first message
-- column: end_lat double deg required | latitude of the last message
-- column: end_lon double deg required | longitude of the last message
-- column: chain string required | nnet, or night of a squid jigger
-- column: owner_id string required | vessel of the segment in ref.segment_vessels; without that table the ssvid
-- column: shipname string | of the vessel in the year of the start, ref.vessels
-- column: flag string | the same
-- column: shiptype string | the same
-- column: geartype string | the same: its class
-- column: produced_day date | as in events.{dataset}_fishing
-- column: score_source string | as in events.{dataset}_fishing: those by rules need no segment and no owner
WITH owner AS (
    SELECT seg_id AS owned, vessel_id AS of_vessel
    FROM ref.segment_vessels
    WHERE valid_to IS NULL
    QUALIFY row_number() OVER (PARTITION BY seg_id ORDER BY last_day DESC, vessel_id) = 1
),
good AS (
    SELECT seg_id AS good_id
    FROM ref.segments
    WHERE valid_to IS NULL AND is_good AND positions > $segment_min_positions AND NOT is_overlapping_and_short
),
fishing_vessel AS (
    SELECT vessel_id AS fisher_id, year AS fisher_year, shipname, flag, shiptype, geartype
    FROM ref.vessels
    WHERE valid_to IS NULL
      AND (shiptype = 'fishing'
           OR (NOT is_gear
               AND (is_on_fishing_list
                    OR registry_geartype IN ('fishing', 'trawlers', 'dredge_fishing', 'drifting_longlines', 'set_longlines',
                                             'set_gillnets', 'driftnets', 'fixed_gear', 'pots_and_traps', 'purse_seines',
                                             'tuna_purse_seines', 'other_purse_seines', 'seiners', 'other_seines',
                                             'pole_and_line', 'trollers', 'squid_jigger', 'other_fishing'))))
),
loaded AS (
    SELECT (SELECT count(*) FROM ref.segments WHERE valid_to IS NULL) > 0 AS has_segments,
           (SELECT count(*) FROM ref.segment_vessels WHERE valid_to IS NULL) > 0 AS has_owners,
           (SELECT count(*) FROM ref.vessels WHERE valid_to IS NULL) > 0 AS has_vessels
)
SELECT event_id,
       {id},
       start_ts,
       end_ts,
       is_closed,
       fishing_id,
       ssvid,
       message_count,
       duration_h,
       distance_m,
       avg_speed,
       avg_implied_speed,
       avg_step_m,
       avg_step_h,
       lat_min,
       lat_max,
       lon_min,
       lon_max,
       lat_mean,
       lon_mean,
       start_lat,
       start_lon,
       end_lat,
       end_lon,
       chain,
       coalesce(of_vessel, ssvid) AS owner_id,
       shipname,
       flag,
       shiptype,
       geartype,
       produced_day,
       score_source
FROM events.{dataset}_fishing
CROSS JOIN loaded
LEFT JOIN owner ON owned = {id}
LEFT JOIN good ON good_id = {id}
LEFT JOIN fishing_vessel ON fisher_id = coalesce(of_vessel, ssvid) AND fisher_year = year(start_ts)
WHERE epoch_us(end_ts) - epoch_us(start_ts) > CAST(1000000 AS BIGINT) * $fishing_min_duration_s
  AND message_count > $fishing_min_messages
  AND avg_speed < $fishing_max_speed
  AND (good_id IS NOT NULL OR NOT has_segments OR score_source = 'rules')
  AND (of_vessel IS NOT NULL OR NOT has_owners OR score_source = 'rules')
  AND (geartype IS NOT NULL OR NOT has_vessels)
  AND CASE
          WHEN geartype = 'squid_jigger' THEN chain = 'night' AND distance_m > $squid_min_distance_m
          ELSE chain = 'nnet' AND distance_m > $fishing_min_distance_m
      END
