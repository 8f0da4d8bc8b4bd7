-- Calls of ships at ports, as the topic port_events tells them (docs/streams.md): an event that was corrected stands here
-- as it is now.
--
-- model: events.port_events
-- grain: one event of one vessel at one port
-- inputs: silver.port_events(day)
-- partition: dt
-- sort: mmsi, ts, event_id
-- column: dt date required | UTC day of the event
-- column: event_id string required | id of the event, as received
-- column: mmsi string required | vessel id, without leading zeros
-- column: ts timestamptz required | when it happened
-- column: event_type string required | PORT_ENTRY, PORT_STOP_BEGIN, PORT_STOP_END, PORT_EXIT
-- column: port_name string | name of the port as received
-- column: lat double deg | latitude of the port
-- column: lon double deg | longitude of the port
-- column: vessel_name string | name of the ship as received
SELECT $day AS dt,
       port_event_id AS event_id,
       coalesce(nullif(ltrim(mmsi, '0'), ''), mmsi) AS mmsi,
       ts,
       event_type,
       port_name,
       latitude AS lat,
       longitude AS lon,
       vessel_name
FROM silver.port_events
