/** Which column of a table holds what. */
export interface Columns {
  id: string | null;
  time: string | null;
  lat: string | null;
  lon: string | null;
  speed: string | null;
}

/** Names that are looked for, the likeliest first; upper or lower case does not matter. */
export const NAMES: Readonly<Record<keyof Columns, readonly string[]>> = {
  lat: ['lat', 'latitude'],
  lon: ['lon', 'lng', 'longitude'],
  time: ['timestamp', 'time', 'datetime', 'event_ts', 'base_date_time', 'basedatetime', 'ts', 'times'],
  id: ['mmsi', 'cab_name', 'vessel_id', 'vehicle_id', 'id', 'cab_id', 'medallion', 'ssvid', 'vin'],
  speed: ['sog', 'speed', 'speed_kn'],
};

export function guessColumns(header: readonly string[]): Columns {
  const byName = new Map<string, string>();
  for (const name of header) {
    const key = name.trim().toLowerCase();
    if (!byName.has(key)) byName.set(key, name);
  }
  const find = (names: readonly string[]) => {
    for (const name of names) {
      const found = byName.get(name);
      if (found !== undefined) return found;
    }
    return null;
  };
  return {
    id: find(NAMES.id),
    time: find(NAMES.time),
    lat: find(NAMES.lat),
    lon: find(NAMES.lon),
    speed: find(NAMES.speed),
  };
}

/** What is missing, in words, or null when positions can be read. */
export function missingColumns(columns: Columns, header: readonly string[]): string | null {
  const missing: string[] = [];
  if (columns.lat === null) missing.push(`a latitude (${NAMES.lat.join(', ')})`);
  if (columns.lon === null) missing.push(`a longitude (${NAMES.lon.join(', ')})`);
  if (columns.time === null) missing.push(`a time (${NAMES.time.join(', ')})`);
  if (missing.length === 0) return null;
  const seen = header.length > 0 ? header.slice(0, 12).join(', ') : 'none';
  return `The file has no column for ${missing.join(' and for ')}. Its columns: ${seen}.`;
}
