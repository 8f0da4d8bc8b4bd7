-- The ten fastest vehicles of each hour, by their greatest velocity (SPEC 5.4). Of equal ones the least id stands first, so
-- a tie at the tenth place is cut by it; a vehicle whose velocity is never known comes last.
--
-- model: gold.telematics_top_speeds
-- grain: one of the ten fastest vehicles of one hour
-- inputs: silver.telematics(day)
-- partition: dt
-- sort: date_hour, place
-- setting: top_speeds 10 | vehicles of an hour
-- column: dt date required | UTC day
-- column: date_hour timestamptz required | start of the hour
-- column: place int required | 1 is the fastest
-- column: vin string required | vehicle id
-- column: top_velocity double km/h | its greatest velocity in that hour
WITH vehicle AS (
    SELECT date_trunc('hour', ts) AS date_hour, vin, max(velocity) AS top_velocity
    FROM silver.telematics
    GROUP BY date_hour, vin
),
ranked AS (
    SELECT *,
           CAST(row_number() OVER (PARTITION BY date_hour ORDER BY top_velocity DESC NULLS LAST, vin) AS INTEGER) AS place
    FROM vehicle
)
SELECT $day AS dt, date_hour, place, vin, top_velocity
FROM ranked
WHERE place <= $top_speeds
