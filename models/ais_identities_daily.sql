-- What each vessel called itself on one day, and how often: names, call signs, IMO numbers, types, sizes, transceivers.
--
-- model: gold.ais_identities_daily
-- grain: one value of one kind that a vessel sent on one day
-- inputs: silver.ais(day)
-- partition: dt
-- sort: mmsi, kind, value
-- column: mmsi string required | vessel id
-- column: dt date required | UTC day
-- column: kind string required | name, callsign, imo, vessel_type, length, width, draft or transceiver
-- column: value string required | names and call signs without padding, IMO numbers as IMO and seven digits (0 is none), numbers as text
-- column: fixes long required | fixes that carried it
-- column: first_ts timestamptz required | first of them
-- column: last_ts timestamptz required | last of them
WITH sent AS (
    SELECT mmsi, name, callsign, imo, vessel_type, length, width, draft, transceiver,
           count(*) AS fixes, min(ts) AS first_ts, max(ts) AS last_ts
    FROM silver.ais
    GROUP BY mmsi, name, callsign, imo, vessel_type, length, width, draft, transceiver
), tuple AS (
    SELECT * REPLACE (trim(name, ' @') AS name,
                      trim(callsign, ' @') AS callsign,
                      regexp_replace(regexp_replace(trim(imo, ' @'), '^(IMO)?\s*0+(\.0*)?$', '', 'i'),
                                     '^(IMO)?\s*0*(\d{7})(\.0*)?$', 'IMO\2', 'i') AS imo,
                      CAST(vessel_type AS VARCHAR) AS vessel_type,
                      CAST(length AS VARCHAR) AS length,
                      CAST(width AS VARCHAR) AS width,
                      CAST(draft AS VARCHAR) AS draft)
    FROM sent
), long AS (
    UNPIVOT tuple ON name, callsign, imo, vessel_type, length, width, draft, transceiver INTO NAME kind VALUE value
)
SELECT mmsi,
       $day AS dt,
       kind,
       value,
       CAST(sum(fixes) AS BIGINT) AS fixes,
       min(first_ts) AS first_ts,
       max(last_ts) AS last_ts
FROM long
WHERE value <> ''
GROUP BY mmsi, kind, value
