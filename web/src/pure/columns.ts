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

/** What names that nobody agreed on are likely to mean: parts of them, the likeliest first. */
const LIKELY: Readonly<Record<keyof Columns, RegExp>> = {
  lat: /lat|^y$/i,
  lon: /lon|lng|^x$/i,
  time: /time|date|stamp|when|moment/i,
  id: /mmsi|vessel|ship|name|imo|^id$|_id$|id_/i,
  speed: /sog|speed|knots/i,
};

/** The agreed names, and for what has none a guess, so that the viewer only has to correct it. No column is taken twice. */
export function likelyColumns(header: readonly string[]): Columns {
  const columns = guessColumns(header);
  const taken = new Set(Object.values(columns));
  for (const part of ['lat', 'lon', 'time', 'speed', 'id'] as const) {
    if (columns[part] !== null) continue;
    columns[part] = header.find((name) => !taken.has(name) && LIKELY[part].test(name.trim())) ?? null;
    taken.add(columns[part]);
  }
  return columns;
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
