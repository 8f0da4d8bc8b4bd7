import type { TrackPoint } from './tracks';

export interface Series {
  /** Seconds since 1970, as uPlot wants them. */
  times: number[];
  speeds: (number | null)[];
}

const MOST = 2_000;
/** A silence longer than this breaks the line. */
const BREAK_MS = 60 * 60_000;

/** Speed over time of at most about 2,000 points; of a stretch that is thinned the fastest stays. Silences break it. */
export function speedSeries(points: readonly TrackPoint[]): Series {
  const series: Series = { times: [], speeds: [] };
  const stretch = Math.max(1, Math.ceil(points.length / MOST));
  let last: number | null = null;
  for (let start = 0; start < points.length; start += stretch) {
    const fastest = points
      .slice(start, start + stretch)
      .reduce((best, one) => ((one[3] ?? -1) > (best[3] ?? -1) ? one : best));
    if (last !== null && fastest[0] - last > BREAK_MS) push(series, (last + fastest[0]) / 2, null);
    push(series, fastest[0], fastest[3]);
    last = fastest[0];
  }
  return series;
}

function push(series: Series, time: number, speed: number | null): void {
  series.times.push(time / 1000);
  series.speeds.push(speed);
}

export interface SpeedRow {
  from: number;
  mean: number;
  most: number;
  points: number;
}

/** The same speeds for reading: mean and greatest of at most `rows` equal spans, those without any left out. */
export function speedTable(points: readonly TrackPoint[], rows = 24): SpeedRow[] {
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last) return [];
  const span = Math.max(1, (last[0] - first[0]) / rows);
  const bins = new Map<number, { sum: number; most: number; points: number }>();
  for (const [time, , , speed] of points) {
    if (speed === null) continue;
    const index = Math.min(rows - 1, Math.floor((time - first[0]) / span));
    const bin = bins.get(index) ?? { sum: 0, most: 0, points: 0 };
    bin.sum += speed;
    bin.most = Math.max(bin.most, speed);
    bin.points++;
    bins.set(index, bin);
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([index, bin]) => ({
      from: first[0] + index * span,
      mean: bin.sum / bin.points,
      most: bin.most,
      points: bin.points,
    }));
}

/** Two series on one axis of time. */
export function mergeSeries(
  a: Series,
  b: Series,
): [number[], (number | null | undefined)[], (number | null | undefined)[]] {
  const times = [...new Set([...a.times, ...b.times])].sort((x, y) => x - y);
  // undefined: no value of this series at this time, the line goes on; null: a silence, the line breaks.
  const along = (series: Series) => {
    const byTime = new Map(series.times.map((time, index) => [time, series.speeds[index]]));
    return times.map((time) => byTime.get(time));
  };
  return [times, along(a), along(b)];
}
