/** Places on the globe: longitude and latitude in degrees, longitudes in [-180, 180]. */
export type Place = readonly [lon: number, lat: number];

/** A box of degrees; west > east means that it crosses 180°. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** The longitude of the same meridian in [-180, 180]. */
export function normaliseLon(lon: number): number {
  if (lon >= -180 && lon <= 180) return lon;
  return ((((lon + 180) % 360) + 360) % 360) - 180;
}

/** `lon` plus the number of turns that brings it within half a turn of `near`: lines can then be drawn through 180°. */
export function unrollLon(lon: number, near: number): number {
  return lon + 360 * Math.round((near - lon) / 360);
}

/**
 * Cuts a line where it crosses 180°, as RFC 7946 section 3.1.9 wants it: the point on the edge stands in both pieces.
 * A step is taken the short way round, so +179 to -179 crosses and -90 to 89 does not.
 */
export function splitAtAntimeridian(line: readonly Place[]): Place[][] {
  const pieces: Place[][] = [];
  let piece: Place[] = [];
  let last: Place | undefined;
  for (const place of line) {
    if (last && Math.abs(place[0] - last[0]) > 180) {
      const edge = last[0] > 0 ? 180 : -180;
      const span = unrollLon(place[0], last[0]) - last[0];
      const share = span === 0 ? 0 : (edge - last[0]) / span;
      const lat = last[1] + share * (place[1] - last[1]);
      piece.push([edge, lat]);
      pieces.push(piece);
      piece = [[-edge, lat]];
    }
    piece.push(place);
    last = place;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces.filter((places) => places.length > 1);
}

/**
 * A bow from one place to another, bent to the left of the way, so that several gaps over the same water stay apart.
 * It takes the short way round and may run past 180°: cut it with splitAtAntimeridian after normalising.
 */
export function arc(from: Place, to: Place, steps = 24, bend = 0.18): Place[] {
  const toLon = unrollLon(to[0], from[0]);
  const dx = toLon - from[0];
  const dy = to[1] - from[1];
  const control: Place = [(from[0] + toLon) / 2 - dy * bend, clampLat((from[1] + to[1]) / 2 + dx * bend)];
  const places: Place[] = [];
  for (let step = 0; step <= steps; step++) {
    const t = step / steps;
    const a = (1 - t) * (1 - t);
    const b = 2 * t * (1 - t);
    const c = t * t;
    const lon = a * from[0] + b * control[0] + c * toLon;
    const lat = a * from[1] + b * control[1] + c * to[1];
    places.push([normaliseLon(lon), lat]);
  }
  return places;
}

function clampLat(lat: number): number {
  return Math.max(-85, Math.min(85, lat));
}

/** Metres that one screen pixel covers at this zoom (tiles of 512 pixels) and latitude. */
export function metresPerPixel(zoom: number, lat: number): number {
  return (40_075_016.7 / 512 / 2 ** zoom) * Math.cos((lat * Math.PI) / 180);
}

/**
 * How much a line may be simplified for this zoom: about a pixel, by whole zooms so that small movements ask for nothing
 * new, and never finer than 10 m, below which receivers' noise would be drawn.
 */
export function toleranceM(zoom: number, lat: number): number {
  return Math.max(10, Math.round(metresPerPixel(Math.floor(zoom), lat)));
}

/** A place on the map in parts of the world's width: x from 180° west, y from the north. */
export function mercator([lon, lat]: Place): [x: number, y: number] {
  const sine = Math.sin((clampLat(lat) * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** Degrees from the west of a box to its east. */
export function widthOf(box: Box): number {
  return box.east - box.west + (box.east < box.west ? 360 : 0);
}

/** The box with half of its width and height more on each side. */
export function padded(box: Box): Box {
  const width = widthOf(box);
  const height = box.north - box.south;
  const isWide = width * 2 >= 360;
  return {
    west: isWide ? -180 : normaliseLon(box.west - width / 2),
    south: Math.max(-90, box.south - height / 2),
    east: isWide ? 180 : normaliseLon(box.east + width / 2),
    north: Math.min(90, box.north + height / 2),
  };
}

/**
 * What to ask for so that `box` is known with what is about to come into it: `former` as long as it holds all of it and
 * is not far larger, so that small movements ask for nothing new.
 */
export function boxToAsk(former: Box | null, box: Box): Box {
  if (!former) return padded(box);
  const corners: Place[] = [
    [box.west, box.south],
    [box.east, box.north],
  ];
  const holds = corners.every((corner) => isInside(former, corner)) && widthOf(box) <= widthOf(former);
  return holds && widthOf(former) <= 8 * widthOf(box) ? former : padded(box);
}

/** The smallest box around places; crosses 180° where that is smaller. Null for none. */
export function boxOf(places: Iterable<Place>): Box | null {
  let south = 90;
  let north = -90;
  const lons: number[] = [];
  for (const [lon, lat] of places) {
    south = Math.min(south, lat);
    north = Math.max(north, lat);
    lons.push(lon);
  }
  if (lons.length === 0) return null;
  lons.sort((a, b) => a - b);
  const first = lons[0] ?? 0;
  const last = lons[lons.length - 1] ?? 0;
  let widest = first + 360 - last;
  let west = first;
  let east = last;
  for (let i = 1; i < lons.length; i++) {
    const before = lons[i - 1] ?? 0;
    const here = lons[i] ?? 0;
    if (here - before > widest) {
      widest = here - before;
      west = here;
      east = before;
    }
  }
  return { west, south, east, north };
}

export function isInside(box: Box, [lon, lat]: Place): boolean {
  const between = box.west <= box.east ? lon >= box.west && lon <= box.east : lon >= box.west || lon <= box.east;
  return between && lat >= box.south && lat <= box.north;
}

/**
 * The places without the outermost of each side, for a box that shows where the traffic is: a single wrong position
 * would otherwise make everything else small.
 */
export function withoutOutliers(places: readonly Place[], share = 0.02): Place[] {
  const near = places[0]?.[0] ?? 0;
  const inner = (values: number[]): [number, number] => {
    values.sort((a, b) => a - b);
    const cut = Math.floor(values.length * share);
    return [values[cut] ?? -Infinity, values[values.length - 1 - cut] ?? Infinity];
  };
  const [south, north] = inner(places.map((place) => place[1]));
  const [west, east] = inner(places.map((place) => unrollLon(place[0], near)));
  return places.filter(([lon, lat]) => {
    const x = unrollLon(lon, near);
    return lat >= south && lat <= north && x >= west && x <= east;
  });
}

export function formatBox(box: Box): string {
  const short = (degrees: number) => String(Number(degrees.toFixed(4)));
  return [box.west, box.south, box.east, box.north].map(short).join(',');
}

export function parseBox(text: string): Box | null {
  const numbers = text.split(',').map(Number);
  const [west, south, east, north] = numbers;
  if (numbers.length !== 4 || west === undefined || south === undefined || east === undefined || north === undefined)
    return null;
  if (numbers.some((number) => !Number.isFinite(number))) return null;
  if (Math.abs(west) > 180 || Math.abs(east) > 180 || south < -90 || north > 90 || south > north) return null;
  return { west, south, east, north };
}
