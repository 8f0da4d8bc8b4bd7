-- The same work as `seine ingest` of one day, by hand in DuckDB: clean, one row per (mmsi, ts), sorted, day x bucket
-- files, row groups and compression as ours. Bronze, ledger, refused rows and table metadata are not asked of it.
COPY (
    SELECT mmsi, ts, lat, lon, sog, cog, heading, "name", imo, callsign, vessel_type, status, length, width, draft, cargo,
           transceiver, NULL::VARCHAR AS receiver_type, NULL::VARCHAR AS seg_id, NULL::VARCHAR AS msgid,
           NULL::DOUBLE AS distance_from_shore_m, NULL::DOUBLE AS distance_from_port_m, '{name}' AS source_file, source_row,
           'file:///{name}' AS source_url, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS ingested_at, day, bucket
    FROM (
        SELECT mmsi, base_date_time::TIMESTAMPTZ AS ts, latitude AS lat, longitude AS lon,
               CASE WHEN sog < 102.3 THEN sog END AS sog, CASE WHEN cog < 360 THEN cog END AS cog,
               nullif(heading, 511) AS heading, vessel_name AS "name", imo, call_sign AS callsign, vessel_type, status,
               length, width, draft, cargo, transceiver, row_number() OVER () AS source_row,
               base_date_time::DATE AS day, (hash(mmsi) % 16)::INTEGER AS bucket
        FROM read_csv('{file}', header = true, ignore_errors = true, auto_detect = false, delim = ',', quote = '"',
                      columns = {'mmsi': 'VARCHAR', 'base_date_time': 'TIMESTAMP', 'longitude': 'DOUBLE',
                                 'latitude': 'DOUBLE', 'sog': 'DOUBLE', 'cog': 'DOUBLE', 'heading': 'DOUBLE',
                                 'vessel_name': 'VARCHAR', 'imo': 'VARCHAR', 'call_sign': 'VARCHAR',
                                 'vessel_type': 'INTEGER', 'status': 'INTEGER', 'length': 'DOUBLE', 'width': 'DOUBLE',
                                 'draft': 'DOUBLE', 'cargo': 'INTEGER', 'transceiver': 'VARCHAR'})
    )
    WHERE lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180 AND ts IS NOT NULL AND regexp_full_match(mmsi, '[0-9]+')
    QUALIFY row_number() OVER (PARTITION BY mmsi, ts ORDER BY source_row) = 1
    ORDER BY day, bucket, mmsi, ts
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880, PARTITION_BY (day, bucket));
