-- Whose the authorizations are: an identity is that of the vessel of any event of fishing that begins with its ssvid while
-- it was in use.
--
-- output: fishing
-- model: gold.{dataset}_fishing_holders
-- grain: one authorization of one vessel
-- inputs: gold.{dataset}_fishing_events(all), ref.authorizations(all)
-- partition: none
-- sort: vessel_id, rfmo, authorized_from_ts, authorized_to_ts
-- column: vessel_id string required | the vessel, owner_id of its events
-- column: rfmo string required | registry
-- column: authorized_from_ts timestamptz required | begin of the authorization
-- column: authorized_to_ts timestamptz required | end of it
SELECT DISTINCT owner_id AS vessel_id, rfmo, authorized_from_ts, authorized_to_ts
FROM ref.authorizations AS registry
JOIN gold.{dataset}_fishing_events AS event
  ON registry.ssvid = event.ssvid AND (first_ts IS NULL OR start_ts >= first_ts) AND (last_ts IS NULL OR start_ts <= last_ts)
WHERE valid_to IS NULL
  AND (last_ts IS NULL OR authorized_from_ts < last_ts) AND (first_ts IS NULL OR authorized_to_ts > first_ts)
