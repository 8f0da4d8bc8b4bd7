-- Who each vessel is: of every kind of identity the value sent most often, all names, call signs and IMO numbers with
-- how often each was sent, the flag of the id's country digits, and when it was seen.
--
-- model: gold.ais_vessels
-- grain: one vessel
-- inputs: gold.ais_identities_daily(all), gold.ais_vessel_days(all)
-- partition: none
-- sort: mmsi
-- column: mmsi string required | vessel id
-- column: name string | the name sent most often
-- column: names string | all names as JSON: [{"value":"EVER GIVEN","fixes":12}], most often first
-- column: callsign string | the call sign sent most often
-- column: callsigns string | all call signs, as names
-- column: imo string | the number sent most often among those with a right check digit, seven digits
-- column: imos string | all IMO numbers, as names
-- column: flag string | ISO 3166 letters of the country whose digits the id has
-- column: flag_country string | its name
-- column: vessel_type int | the ship type code sent most often
-- column: vessel_type_name string | what it means
-- column: length double m | the length sent most often
-- column: width double m | the width sent most often
-- column: draft double m | the draught sent most often
-- column: transceiver string | AIS class sent most often, A or B
-- column: first_ts timestamptz required | first fix
-- column: last_ts timestamptz required | last fix
-- column: days_seen long required | days with fixes
-- column: fixes long required | fixes of all days, duplicates removed
WITH value AS (
    SELECT mmsi, kind, value, CAST(sum(fixes) AS BIGINT) AS fixes
    FROM gold.ais_identities_daily
    GROUP BY mmsi, kind, value
), kind AS (
    -- Most often first: sorted as lists, which costs a tenth of an ORDER BY in the aggregate.
    SELECT mmsi,
           kind,
           list_transform(list_sort(list(struct_pack(rest := -fixes, value := value))),
                          one -> struct_pack(value := one.value, fixes := -one.rest)) AS sent
    FROM value
    GROUP BY mmsi, kind
), identity AS (
    SELECT mmsi,
           any_value(sent) FILTER (kind = 'name') AS names,
           any_value(sent) FILTER (kind = 'callsign') AS callsigns,
           any_value(sent) FILTER (kind = 'imo') AS imos,
           CAST(any_value(sent[1].value) FILTER (kind = 'vessel_type') AS INTEGER) AS vessel_type,
           CAST(any_value(sent[1].value) FILTER (kind = 'length') AS DOUBLE) AS length,
           CAST(any_value(sent[1].value) FILTER (kind = 'width') AS DOUBLE) AS width,
           CAST(any_value(sent[1].value) FILTER (kind = 'draft') AS DOUBLE) AS draft,
           any_value(sent[1].value) FILTER (kind = 'transceiver') AS transceiver
    FROM kind
    GROUP BY mmsi
), seen AS (
    SELECT mmsi,
           min(first_ts) AS first_ts,
           max(last_ts) AS last_ts,
           count(*) AS days_seen,
           CAST(sum(fixes) AS BIGINT) AS fixes
    FROM gold.ais_vessel_days
    GROUP BY mmsi
)
SELECT seen.mmsi,
       names[1].value AS name,
       CAST(to_json(names) AS VARCHAR) AS names,
       callsigns[1].value AS callsign,
       CAST(to_json(callsigns) AS VARCHAR) AS callsigns,
       list_filter(list_transform(imos, sent -> imo_number(sent.value)), number -> number IS NOT NULL)[1] AS imo,
       CAST(to_json(imos) AS VARCHAR) AS imos,
       mmsi_flag(seen.mmsi) AS flag,
       mmsi_country(seen.mmsi) AS flag_country,
       vessel_type,
       vessel_type_name(vessel_type) AS vessel_type_name,
       length,
       width,
       draft,
       transceiver,
       first_ts,
       last_ts,
       days_seen,
       fixes
FROM seen
LEFT JOIN identity USING (mmsi)
