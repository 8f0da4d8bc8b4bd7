import { type Place, splitAtAntimeridian, unrollLon } from './geo';
import type { Range } from './time';
import { visible } from './visible';

/** One position of a track. */
export type TrackPoint = readonly [time: number, lon: number, lat: number, speedKn: number | null];

export interface Track {
  id: string;
  name: string | null;
  /** Positions there are; `points` may be a simplified line of fewer. */
  pointsTotal: number;
  /** In time order. */
  points: TrackPoint[];
}

/** A moving track has a beginning, an end and something between. */
export function canAnimate(track: Track): boolean {
  return track.points.length > 2;
}

/** One for each mover, whose tracks may be several: segments, or ways that its id went at once. Its points are those of the first. */
export function moversOf(tracks: readonly Track[]): Track[] {
  const movers = new Map<string, Track>();
  for (const track of tracks) {
    const known = movers.get(track.id);
    movers.set(track.id, known ? { ...known, pointsTotal: known.pointsTotal + track.pointsTotal } : track);
  }
  return topByPoints([...movers.values()], movers.size);
}

/** The tracks with most positions first; among equals by id, so that the choice is the same every time. */
export function topByPoints(tracks: readonly Track[], count: number): Track[] {
  return [...tracks].sort((a, b) => b.pointsTotal - a.pointsTotal || (a.id < b.id ? -1 : 1)).slice(0, count);
}

/** Evenly thinned to at most `most` positions, first and last kept. */
export function thin(points: readonly TrackPoint[], most: number): TrackPoint[] {
  if (points.length <= most) return [...points];
  const kept: TrackPoint[] = [];
  for (let i = 0; i < most; i++) {
    const point = points[Math.round((i * (points.length - 1)) / (most - 1))];
    if (point) kept.push(point);
  }
  return kept;
}

/** Where a track is at a time, on the straight line between two positions. Null before its first and after its last. */
export function positionAt(points: readonly TrackPoint[], time: number): Place | null {
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last || time < first[0] || time > last[0]) return null;
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) <= time) low = middle;
    else high = middle;
  }
  const a = points[low] ?? first;
  const b = points[high] ?? last;
  const share = b[0] === a[0] ? 0 : (time - a[0]) / (b[0] - a[0]);
  const lon = a[1] + (unrollLon(b[1], a[1]) - a[1]) * share;
  return [lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon, a[2] + (b[2] - a[2]) * share];
}

/** Longitudes made continuous, for drawing through 180°. */
export function unrolled(points: readonly TrackPoint[]): Place[] {
  const line: Place[] = [];
  let near = points[0]?.[1] ?? 0;
  for (const point of points) {
    near = unrollLon(point[1], near);
    line.push([near, point[2]]);
  }
  return line;
}

/** The lines of a track, cut at 180°. */
export function linesOf(points: readonly TrackPoint[]): Place[][] {
  return splitAtAntimeridian(points.map((point): Place => [point[1], point[2]]));
}

/** The place of a track that has no length and is therefore no line: one position, or the same again and again. */
export function standsAt(points: readonly TrackPoint[]): Place | null {
  const first = points[0];
  if (!first || points.some((point) => point[1] !== first[1] || point[2] !== first[2])) return null;
  return [first[1], first[2]];
}

export interface ClassedLine {
  speedClass: number;
  places: Place[];
}

/** The lines of a track, cut where its class of speed changes and at 180°. A step has the class of its end. */
export function linesBySpeed(
  points: readonly TrackPoint[],
  classOf: (speedKn: number | null) => number,
): ClassedLine[] {
  const lines: ClassedLine[] = [];
  let run: Place[] = [];
  let runClass = -1;
  const close = () => {
    for (const places of splitAtAntimeridian(run)) lines.push({ speedClass: runClass, places });
  };
  for (let i = 1; i < points.length; i++) {
    const from = points[i - 1];
    const to = points[i];
    if (!from || !to) continue;
    const here = classOf(to[3]);
    if (here !== runClass) {
      close();
      run = [[from[1], from[2]]];
      runClass = here;
    }
    run.push([to[1], to[2]]);
  }
  close();
  return lines;
}

/** From the first to the last position of all tracks. */
export function spanOf(tracks: readonly Track[]): Range | null {
  let from = Infinity;
  let to = -Infinity;
  for (const track of tracks) {
    const first = track.points[0];
    const last = track.points[track.points.length - 1];
    if (!first || !last) continue;
    from = Math.min(from, first[0]);
    to = Math.max(to, last[0]);
  }
  return from <= to ? { from, to } : null;
}

/** Gathers loose positions into tracks; rows that are no position are counted, not hidden. */
export class TrackBuilder {
  readonly #byId = new Map<string, TrackPoint[]>();
  readonly #names = new Map<string, string>();
  rows = 0;
  refused = 0;

  add(id: unknown, time: number | null, lon: unknown, lat: unknown, speed: unknown = null): void {
    this.rows++;
    const x = toNumber(lon);
    const y = toNumber(lat);
    if (time === null || x === null || y === null || Math.abs(x) > 180 || Math.abs(y) > 90) {
      this.refused++;
      return;
    }
    const key = id === null || id === undefined || id === '' ? 'track' : String(id);
    let points = this.#byId.get(key);
    if (!points) {
      points = [];
      this.#byId.set(key, points);
    }
    points.push([time, x, y, toNumber(speed)]);
  }

  setName(id: string, name: string): void {
    this.#names.set(id, name);
  }

  /** Every track, its positions in time order. */
  tracks(): Track[] {
    return [...this.#byId].map(([id, points]) => ({
      id: visible(id),
      name: visible(this.#names.get(id) ?? '') || null,
      pointsTotal: points.length,
      points: points.sort((a, b) => a[0] - b[0]),
    }));
  }
}

function toNumber(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
