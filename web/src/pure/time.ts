/** Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface Range {
  from: number;
  to: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Trails of animated tracks, in minutes. */
export const TRAIL = { min: 1, max: 120, usual: 15 } as const;

/** Never more tracks than this at once. */
export const MAX_TRACKS = 200;
export const USUAL_TRACKS = 50;

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Step of the time slider: a two-hundredth of its span, but at least a millisecond. */
export function sliderStep(span: number): number {
  return Math.max(1, span / 200);
}

/** How many tracks are chosen when nobody said how many. */
export function usualTracks(available: number): number {
  return Math.min(USUAL_TRACKS, available);
}

/** The window within the domain, in order, at least `least` long. A missing end is the domain's. */
export function windowWithin(domain: Range, from: number | null, to: number | null, least = MINUTE): Range {
  let low = clamp(from ?? domain.from, domain.from, domain.to);
  let high = clamp(to ?? domain.to, domain.from, domain.to);
  if (low > high) [low, high] = [high, low];
  if (high - low < least) {
    high = Math.min(domain.to, low + least);
    low = Math.max(domain.from, high - least);
  }
  return { from: low, to: high };
}

/** What is shown first: the whole lake, or its last week. */
export function usualWindow(domain: Range): Range {
  return { from: Math.max(domain.from, domain.to - 7 * DAY), to: domain.to };
}

/** The playhead after `elapsed` ms of the viewer's time at `speed` (lake seconds per second); stops at the end. */
export function advance(at: number, elapsed: number, speed: number, window: Range): { at: number; ended: boolean } {
  const next = at + elapsed * speed;
  return next >= window.to ? { at: window.to, ended: true } : { at: Math.max(next, window.from), ended: false };
}

/** Sums neighbouring counts so that at most `most` remain. Nothing is lost: the sums have the same total. */
export function coarsen(counts: readonly number[], most: number): { counts: number[]; factor: number } {
  const factor = Math.max(1, Math.ceil(counts.length / most));
  const sums = new Array<number>(Math.ceil(counts.length / factor)).fill(0);
  counts.forEach((count, index) => {
    const target = Math.floor(index / factor);
    sums[target] = (sums[target] ?? 0) + count;
  });
  return { counts: sums, factor };
}

/** Counts of times per step over a domain, for a histogram of a local file. */
export function histogram(times: Iterable<number>, domain: Range, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  const span = Math.max(1, domain.to - domain.from);
  for (const time of times) {
    const bin = clamp(Math.floor(((time - domain.from) / span) * bins), 0, bins - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

const ZONE = /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?/;

/**
 * Reads a time as files have it: ISO-8601 with `T` or a blank, with a zone or UTC without; or a number of seconds,
 * milliseconds, microseconds or nanoseconds since 1970, told apart by size. Null when it is none of these.
 */
export function parseTime(value: unknown): number | null {
  if (value instanceof Date) return finite(value.getTime());
  if (typeof value === 'bigint') return fromNumber(Number(value));
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return fromNumber(Number(text));
  if (!ISO.test(text)) return null;
  const joined = text.replace(' ', 'T');
  const dateOnly = joined.length === 10;
  const hourZone = /[+-]\d{2}$/.test(joined) && !dateOnly;
  const zoned = dateOnly || ZONE.test(joined) ? joined : `${joined}Z`;
  return finite(Date.parse(hourZone ? `${zoned}:00` : zoned));
}

function fromNumber(value: number): number | null {
  const size = Math.abs(value);
  if (size < 1e11) return finite(value * 1000);
  if (size < 1e14) return finite(value);
  if (size < 1e17) return finite(value / 1000);
  return finite(value / 1e6);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** `2025-01-01 12:30` in UTC. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

/** `2025-01-01T12:30:00Z`, without the milliseconds nobody needs in an address. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** `14.5 h`, `3 d 4 h`, `12 min`. */
export function formatDuration(hours: number): string {
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  if (hours < 48) return `${Number(hours.toFixed(1))} h`;
  const days = Math.floor(hours / 24);
  const rest = Math.round(hours - days * 24);
  return rest === 0 ? `${days} d` : `${days} d ${rest} h`;
}

/** How long ago something was, in the largest unit of which there are two: `4 s`, `15 min`, `30 h`, `310 d`. */
export function ageText(seconds: number): string {
  const age = Math.max(0, seconds);
  if (age < 120) return `${Math.round(age)} s`;
  if (age < 7_200) return `${Math.floor(age / 60)} min`;
  if (age < 172_800) return `${Math.floor(age / 3_600)} h`;
  return `${Math.floor(age / 86_400)} d`;
}
