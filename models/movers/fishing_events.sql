-- Events of fishing that count as such: long, of many messages, slow and far enough. Of the chain of the network; which
-- ships are squid jiggers, whose events are those of the other chain, the lake does not know.
--
-- output: fishing
-- model: gold.{dataset}_fishing_events
-- grain: one event of fishing
-- inputs: events.{dataset}_fishing(all)
-- partition: none
-- sort: {id}, start_ts
-- setting: fishing_min_duration_s 1200 | an event is strictly longer, in seconds
-- setting: fishing_min_messages 5 | it has strictly more messages
-- setting: fishing_max_speed 10 | it is strictly slower on the average, in knots
-- setting: fishing_min_distance_m 500 | it goes strictly further, in metres
-- column: event_id string required | as in events.{dataset}_fishing
-- column: {id} string required | id of the {word}
-- column: start_ts timestamptz required | first message
-- column: end_ts timestamptz required | last message, so far while open
-- column: is_closed boolean required | whether no message to come can belong to it
-- column: fishing_id string required | MD5 of fishing, ssvid, start, end
-- column: ssvid string required | the vessel
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
       lon_mean
FROM events.{dataset}_fishing
WHERE chain = 'nnet'
  AND epoch_us(end_ts) - epoch_us(start_ts) > CAST(1000000 AS BIGINT) * $fishing_min_duration_s
  AND message_count > $fishing_min_messages
  AND avg_speed < $fishing_max_speed
  AND distance_m > $fishing_min_distance_m
