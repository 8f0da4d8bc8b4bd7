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
-- column: value string required | as received, numbers as text
-- column: fixes long required | fixes that carried it
-- column: first_ts timestamptz required | first of them
-- column: last_ts timestamptz required | last of them
WITH sent AS (
    SELECT mmsi, name, callsign, imo, vessel_type, length, width, draft, transceiver,
           count(*) AS fixes, min(ts) AS first_ts, max(ts) AS last_ts
    FROM silver.ais
    GROUP BY mmsi, name, callsign, imo, vessel_type, length, width, draft, transceiver
), tuple AS (
    -- Lakes of before hold some texts as they were sent: one number or name is one, however it was written.
    SELECT * REPLACE (CASE WHEN regexp_full_match(trim(imo), '(?i)(imo)? *[0-9]{7}(\.0)?')
                           THEN 'IMO' || regexp_extract(imo, '[0-9]{7}') ELSE imo END AS imo,
                      trim(rtrim(name, '@ ')) AS name,
                      trim(rtrim(callsign, '@ ')) AS callsign,
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
