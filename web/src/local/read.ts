import { gunzipSync } from 'fflate';
import { decompress } from 'fzstd';
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import Papa from 'papaparse';
import { type Columns, guessColumns, missingColumns } from '../pure/columns';
import { MAX_TRACKS, parseTime } from '../pure/time';
import { type Track, TrackBuilder, thin, topByPoints } from '../pure/tracks';

/** What became of a file of the user's own. */
export interface LocalFile {
  name: string;
  tracks: Track[];
  /** Tracks there were; at most MAX_TRACKS are kept, those with most positions. */
  tracksTotal: number;
  rows: number;
  /** Rows with no time, or with no position on the globe. */
  refused: number;
  header: string[];
  columns: Columns | null;
}

export const MAX_BYTES = 512 * 1024 * 1024;
/** Of all tracks together: what can be drawn without a pause. */
const MAX_POINTS = 200_000;
const ROWS_AT_ONCE = 100_000;

/** Said to the user as it is. */
export class FileProblem extends Error {}

/** The file can be read once somebody says which column is what. */
export class ColumnsProblem extends FileProblem {
  readonly header: string[];

  constructor(message: string, header: readonly string[]) {
    super(message);
    this.header = [...header];
  }
}

export type Form = 'csv' | 'geojson' | 'parquet';

export function formOf(name: string): Form {
  const lower = name.toLowerCase();
  if (/\.(csv|tsv|txt)$/.test(lower)) return 'csv';
  if (/\.(geojson|json)$/.test(lower)) return 'geojson';
  if (/\.(parquet|pq)$/.test(lower)) return 'parquet';
  throw new FileProblem(`${name}: only .csv, .geojson and .parquet files can be read here.`);
}

/** Reads a dropped file. `chosen` overrides what is guessed from the header. */
export async function readFile(file: File, chosen: Columns | null): Promise<LocalFile> {
  const form = formOf(file.name);
  if (file.size > MAX_BYTES) {
    const size = Math.round(file.size / 1024 / 1024);
    throw new FileProblem(`${file.name} has ${size} MB, more than the 512 MB a page can hold. Ingest it into a lake.`);
  }
  if (form === 'csv') return readCsv(file.name, await file.text(), chosen);
  if (form === 'geojson') return readGeoJson(file.name, await file.text(), chosen);
  return readParquet(file.name, bufferOf(file), chosen);
}

/** Snappy is the reader's own. Plain JavaScript throughout: the content policy of the page forbids WebAssembly. */
const compressors: Compressors = { ZSTD: (bytes) => decompress(bytes), GZIP: (bytes) => gunzipSync(bytes) };

function bufferOf(file: File): AsyncBuffer {
  return { byteLength: file.size, slice: (start, end) => file.slice(start, end).arrayBuffer() };
}

export function readCsv(name: string, text: string, chosen: Columns | null): LocalFile {
  const parsed = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: true });
  const [header, ...rows] = parsed.data;
  if (!header) throw new FileProblem(`${name} is empty.`);
  const columns = chosen ?? guessColumns(header);
  refuseMissing(name, columns, header);
  const at = (column: string | null) => (column === null ? -1 : header.indexOf(column));
  const [id, time, lat, lon, speed] = [columns.id, columns.time, columns.lat, columns.lon, columns.speed].map(at);
  const builder = new TrackBuilder();
  const cell = (row: string[], index: number | undefined) => (index === undefined ? undefined : row[index]);
  for (const row of rows) {
    builder.add(cell(row, id), parseTime(cell(row, time)), cell(row, lon), cell(row, lat), cell(row, speed));
  }
  return finish(name, builder, header, columns);
}

export async function readParquet(name: string, file: AsyncBuffer, chosen: Columns | null): Promise<LocalFile> {
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw new FileProblem(`${name} is no Parquet file: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
  const header = parquetSchema(metadata).children.map((child) => child.element.name);
  const columns = chosen ?? guessColumns(header);
  refuseMissing(name, columns, header);
  const wanted = [...new Set(Object.values(columns).filter((column): column is string => column !== null))];
  const builder = new TrackBuilder();
  const total = Number(metadata.num_rows);
  // Piece by piece: rows as objects take far more room than the file.
  for (let start = 0; start < total; start += ROWS_AT_ONCE) {
    const rows = await parquetReadObjects({
      file,
      metadata,
      compressors,
      columns: wanted,
      rowStart: start,
      rowEnd: Math.min(total, start + ROWS_AT_ONCE),
    });
    const value = (row: Record<string, unknown>, column: string | null) => (column === null ? null : row[column]);
    for (const row of rows) {
      const time = parseTime(value(row, columns.time));
      const place = [value(row, columns.lon), value(row, columns.lat)];
      builder.add(value(row, columns.id), time, place[0], place[1], value(row, columns.speed));
    }
  }
  return finish(name, builder, header, columns);
}

/**
 * Reads a FeatureCollection (or one Feature) of points with a time each, or of lines whose property `times` has the
 * shape of the coordinates: what `seine export tracks` writes.
 */
export function readGeoJson(name: string, text: string, chosen: Columns | null = null): LocalFile {
  const builder = new TrackBuilder();
  const seen = new Set<string>();
  for (const feature of featuresOf(name, text)) {
    const properties = isObject(feature.properties) ? feature.properties : {};
    for (const key of Object.keys(properties)) seen.add(key);
    addFeature(builder, feature, properties, chosen);
  }
  if (builder.rows === 0) throw new FileProblem(`${name} holds no points and no lines.`);
  if (builder.refused === builder.rows) {
    throw new ColumnsProblem(
      `${name}: no position has a time. Points need a property such as "timestamp", lines "times".`,
      [...seen],
    );
  }
  return finish(name, builder, [...seen], chosen);
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function featuresOf(name: string, text: string): Json[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new FileProblem(`${name} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (isObject(parsed) && parsed.type === 'Feature') return [parsed];
  if (isObject(parsed) && Array.isArray(parsed.features)) return parsed.features.filter(isObject);
  throw new FileProblem(`${name} is no GeoJSON feature collection.`);
}

function addFeature(builder: TrackBuilder, feature: Json, properties: Json, chosen: Columns | null): void {
  const geometry = feature.geometry;
  if (!isObject(geometry)) return;
  const columns = chosen ?? guessColumns(Object.keys(properties));
  const id = (columns.id === null ? null : properties[columns.id]) ?? feature.id ?? 'track';
  if (typeof properties.name === 'string') builder.setName(String(id), properties.name);
  const times = columns.time === null ? null : properties[columns.time];
  const speed = columns.speed === null ? null : properties[columns.speed];
  addPlaces(builder, id, geometry.coordinates, times, speed);
}

/** Walks coordinates and times, which have the same shape, down to single positions. */
function addPlaces(builder: TrackBuilder, id: unknown, coordinates: unknown, times: unknown, speed: unknown): void {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === 'number') {
    builder.add(id, parseTime(times), coordinates[0], coordinates[1], speed);
    return;
  }
  coordinates.forEach((part: unknown, index) => {
    addPlaces(
      builder,
      id,
      part,
      Array.isArray(times) ? times[index] : null,
      Array.isArray(speed) ? speed[index] : null,
    );
  });
}

function refuseMissing(name: string, columns: Columns, header: readonly string[]): void {
  const missing = missingColumns(columns, header);
  if (missing) throw new ColumnsProblem(`${name}: ${missing}`, header);
}

function finish(name: string, builder: TrackBuilder, header: string[], columns: Columns | null): LocalFile {
  const all = builder.tracks();
  if (all.length === 0) {
    throw new ColumnsProblem(`${name}: none of its ${builder.rows} rows is a position with a time.`, header);
  }
  const kept = topByPoints(all, MAX_TRACKS);
  const most = Math.floor(MAX_POINTS / kept.length);
  const tracks = kept.map((track) => ({ ...track, points: thin(track.points, most) }));
  return { name, tracks, tracksTotal: all.length, rows: builder.rows, refused: builder.refused, header, columns };
}
