import { mercator, type Place } from './geo';
import { clamp } from './time';

/** Data of an event of /api/v1/live. */
export interface LiveEvent {
  newest: string | null;
  columns: readonly string[];
  units: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
  more: boolean;
}

export interface LiveMover {
  readonly id: string;
  /** Of its newest position, ms. */
  time: number;
  place: Place;
  speedKn: number | null;
  /** Degrees from north, clockwise: its course, or where it heads. */
  course: number | null;
  /** The way that it is shown to go now, in parts of the world's width (mercator), and when, by the viewer's clock. */
  from: readonly [x: number, y: number];
  to: readonly [x: number, y: number];
  begins: number;
  ends: number;
  /** When its position came, by the viewer's clock. */
  came: number;
}

/**
 * A position is reached a little after the next one is to be expected, which comes as late as the last one did: so that
 * nobody stops on the way.
 */
const GLIDE_SHARE = 1.25;
const GLIDE_MS = { least: 250, most: 6_000 } as const;
/** After so long a silence nobody knows which way was taken: it is there at once. */
const SILENCE_MS = 30 * 60_000;
/** A silence of so long makes a mover pale. */
const PALE_MS = 30 * 60_000;

/** Where everybody is now, as events tell it, and on the way from one place to the next. */
export class Fleet {
  readonly movers = new Map<string, LiveMover>();
  /** Time of the newest position, ms. */
  newest: number | null = null;
  #known: ReadonlyMap<string, LiveMover> = new Map();

  clear(): void {
    this.movers.clear();
    this.newest = null;
    this.#known = new Map();
  }

  /** What was known holds no more; who is told of again goes on from where it is shown. */
  reset(): void {
    this.#known = new Map(this.movers);
    this.movers.clear();
    this.newest = null;
  }

  /** Takes positions in at `now` of the viewer's clock; they are glided to, unless `jumps`. `knot` is one of the units of speed. */
  take(event: LiveEvent, now: number, jumps: boolean, knot: (unit: string) => number): void {
    const at = (name: string) => event.columns.indexOf(name);
    const [id, time, lon, lat, speed, course, heading] = [
      at('id'),
      at('timestamp'),
      at('longitude'),
      at('latitude'),
      at('speed'),
      at('course'),
      at('heading'),
    ] as const;
    const perKnot = knot(event.units[speed] ?? '');
    for (const row of event.rows) {
      const number = (column: number): number | null => {
        const value = row[column];
        return typeof value === 'number' ? value : null;
      };
      const told = {
        id: String(row[id]),
        time: Date.parse(String(row[time])),
        place: [number(lon) ?? Number.NaN, number(lat) ?? Number.NaN] as const,
        speedKn: speed < 0 ? null : scaled(number(speed), perKnot),
        course: number(course) ?? number(heading),
      };
      if (told.place.every(Number.isFinite) && Number.isFinite(told.time)) this.#put(told, now, jumps);
    }
    if (event.newest !== null) this.newest = Date.parse(event.newest);
    if (!event.more) this.#known = new Map();
  }

  #put(told: Pick<LiveMover, 'id' | 'time' | 'place' | 'speedKn' | 'course'>, now: number, jumps: boolean): void {
    const former = this.movers.get(told.id) ?? this.#known.get(told.id);
    const to = mercator(told.place);
    const from = former && !jumps && told.time - former.time < SILENCE_MS ? placeOf(former, now) : to;
    const glide = former ? clamp(GLIDE_SHARE * (now - former.came), GLIDE_MS.least, GLIDE_MS.most) : 0;
    // The short way round.
    const x = to[0] + Math.round(from[0] - to[0]);
    this.movers.set(told.id, {
      ...told,
      from,
      to: [x, to[1]],
      begins: now,
      ends: from === to ? now : now + glide,
      came: now,
    });
  }

  /** Whether anybody is on the way. */
  isMoving(now: number): boolean {
    for (const mover of this.movers.values()) if (mover.ends > now) return true;
    return false;
  }

  isPale(mover: LiveMover): boolean {
    return this.newest !== null && this.newest - mover.time > PALE_MS;
  }
}

function scaled(value: number | null, unit: number): number | null {
  return value === null ? null : value / unit;
}

/** Where a mover is shown, in parts of the world's width; x may lie beyond 0 and 1. */
export function placeOf(mover: LiveMover, now: number): readonly [x: number, y: number] {
  const span = mover.ends - mover.begins;
  const share = span <= 0 ? 1 : Math.min(1, Math.max(0, (now - mover.begins) / span));
  return [mover.from[0] + share * (mover.to[0] - mover.from[0]), mover.from[1] + share * (mover.to[1] - mover.from[1])];
}
