-- The last state of each vehicle (SPEC 5.4). Each state is the last one that is known, on its own: they may come from
-- different messages, and a message without one changes nothing.
--
-- model: gold.telematics_last_state
-- grain: one vehicle
-- inputs: gold.telematics_vehicle_days(all)
-- partition: none
-- sort: vin
-- column: vin string required | vehicle id
-- column: last_reported_timestamp timestamptz required | time of the newest message
-- column: front_left_door_state string | LOCKED or UNLOCKED; null when it was never known
-- column: wipers_state boolean | whether they were on; null when it was never known
SELECT vin,
       max(last_ts) AS last_reported_timestamp,
       arg_max(front_left_door_state, front_left_door_ts) AS front_left_door_state,
       arg_max(wipers_state, wipers_ts) AS wipers_state
FROM gold.telematics_vehicle_days
GROUP BY vin
