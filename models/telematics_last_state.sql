-- The last state of each vehicle (SPEC 5.4). Each state is the last one that is known, on its own: they may come from
-- different messages, and a message without one changes nothing. Its table takes the place of the one that the template
-- models/movers/last_state.sql would make.
--
-- model: gold.telematics_last_state
-- grain: one vehicle
-- inputs: gold.telematics_movers(all)
-- partition: none
-- sort: vin
-- column: vin string required | vehicle id
-- column: last_reported_timestamp timestamptz required | time of the newest message
-- column: front_left_door_state string | LOCKED or UNLOCKED; null when it was never known
-- column: wipers_state boolean | whether they were on; null when it was never known
SELECT vin,
       last_ts AS last_reported_timestamp,
       last_front_left_door_state AS front_left_door_state,
       last_wipers_state AS wipers_state
FROM gold.telematics_movers
