-- What each vehicle told last on each day: its newest message, and each state by its newest message that had one.
--
-- model: gold.telematics_vehicle_days
-- grain: one vehicle on one day
-- inputs: silver.telematics(day)
-- partition: dt
-- sort: vin
-- reconcile: messages = silver.telematics
-- column: dt date required | UTC day
-- column: vin string required | vehicle id
-- column: messages long required | messages of the day, duplicates removed
-- column: last_ts timestamptz required | time of the newest one
-- column: front_left_door_state string | the last one that is known
-- column: front_left_door_ts timestamptz | when it was told
-- column: wipers_state boolean | the last one that is known
-- column: wipers_ts timestamptz | when it was told
SELECT $day AS dt,
       vin,
       count(*) AS messages,
       max(ts) AS last_ts,
       arg_max(front_left_door_state, ts) AS front_left_door_state,
       max(ts) FILTER (front_left_door_state IS NOT NULL) AS front_left_door_ts,
       arg_max(wipers_state, ts) AS wipers_state,
       max(ts) FILTER (wipers_state IS NOT NULL) AS wipers_ts
FROM silver.telematics
GROUP BY vin
