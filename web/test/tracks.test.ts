import { describe, expect, it } from 'vitest';
import { focusFeatures, trackFeatures } from '../src/map/features';
import { mergeSeries, speedSeries, speedTable } from '../src/pure/series';
import {
  canAnimate,
  linesBySpeed,
  linesOf,
  moversOf,
  positionAt,
  spanOf,
  standsAt,
  type Track,
  TrackBuilder,
  type TrackPoint,
  thin,
  topByPoints,
  unrolled,
} from '../src/pure/tracks';
import { parseVisible, visible } from '../src/pure/visible';

const track = (id: string, points: TrackPoint[], pointsTotal = points.length): Track => ({
  id,
  name: null,
  pointsTotal,
  points,
});

const across: TrackPoint[] = [
  [0, 179, 0, 5],
  [1000, -179, 0, 5],
];

describe('movers of tracks', () => {
  it('are one for each id, with the positions of all its ways, most first', () => {
    const all = [track('1', across, 5), track('2', across, 7), track('1', across, 3)];
    expect(moversOf(all).map((one) => [one.id, one.pointsTotal])).toEqual([
      ['1', 8],
      ['2', 7],
    ]);
    expect(moversOf([])).toEqual([]);
  });
});

describe('tracks', () => {
  it('with most points come first, equals by id', () => {
    const tracks = [track('b', [], 3), track('c', [], 9), track('a', [], 3)];
    expect(topByPoints(tracks, 2).map((one) => one.id)).toEqual(['c', 'a']);
  });

  it('without any length are drawn as a point, by vessel and by speed', () => {
    const here: TrackPoint = [0, 10, 50, 3];
    const features = (points: TrackPoint[], colouring: 'vessel' | 'speed') =>
      trackFeatures([track('1', points)], colouring).map((one) => one.geometry);
    for (const colouring of ['vessel', 'speed'] as const) {
      expect(features([here], colouring)).toEqual([{ type: 'Point', coordinates: [10, 50] }]);
      expect(features([here, [1, 10, 50, 0]], colouring)).toEqual([{ type: 'Point', coordinates: [10, 50] }]);
      expect(features([here, [1, 11, 50, 3]], colouring)).toMatchObject([{ type: 'MultiLineString' }]);
    }
    expect(standsAt([])).toBeNull();
    expect(focusFeatures([track('1', [here])], null, 'vessel')).toMatchObject([{ geometry: { type: 'Point' } }]);
  });

  it('move with more than two points', () => {
    const points: TrackPoint[] = [...across, [2000, -178, 0, 5]];
    expect([canAnimate(track('a', across)), canAnimate(track('a', points))]).toEqual([false, true]);
  });

  it('are between two positions at a time between', () => {
    const points: TrackPoint[] = [
      [0, 0, 0, null],
      [100, 10, 20, null],
      [200, 20, 0, null],
    ];
    expect(positionAt(points, 50)).toEqual([5, 10]);
    expect(positionAt(points, 200)).toEqual([20, 0]);
    expect([positionAt(points, -1), positionAt(points, 201), positionAt([], 0)]).toEqual([null, null, null]);
  });

  it('cross 180° the short way', () => {
    expect(positionAt(across, 500)?.[0]).toBe(180);
    expect(positionAt(across, 750)?.[0]).toBe(-179.5);
    expect(unrolled(across)).toEqual([
      [179, 0],
      [181, 0],
    ]);
    expect(linesOf(across)).toHaveLength(2);
  });

  it('are cut where the class of speed changes, without a hole', () => {
    const points: TrackPoint[] = [
      [0, 0, 0, 0],
      [1, 1, 0, 0],
      [2, 2, 0, 1],
      [3, 3, 0, 1],
    ];
    const lines = linesBySpeed(points, (speed) => speed ?? 0);
    expect(lines.map((line) => [line.speedClass, line.places.map((place) => place[0])])).toEqual([
      [0, [0, 1]],
      [1, [1, 2, 3]],
    ]);
  });

  it('are thinned evenly, with both ends', () => {
    const points = Array.from({ length: 101 }, (_, index): TrackPoint => [index, 0, 0, null]);
    expect(thin(points, 5).map((point) => point[0])).toEqual([0, 25, 50, 75, 100]);
    expect(thin(points, 500)).toHaveLength(101);
  });

  it('span from the first to the last time of all', () => {
    expect(spanOf([track('a', across), track('b', [[-5, 0, 0, null]]), track('c', [])])).toEqual({
      from: -5,
      to: 1000,
    });
    expect(spanOf([])).toBeNull();
  });
});

describe('loose positions', () => {
  it('become tracks in time order, and what is none is counted', () => {
    const builder = new TrackBuilder();
    builder.add('b', 20, '1', '2');
    builder.add('b', 10, 3, 4, '7.5');
    builder.add('a', 5, 181, 0);
    builder.add('a', null, 0, 0);
    builder.add('a', 5, '', 0);
    expect(builder.tracks()).toEqual([
      {
        id: 'b',
        name: null,
        pointsTotal: 2,
        points: [
          [10, 3, 4, 7.5],
          [20, 1, 2, null],
        ],
      },
    ]);
    expect([builder.rows, builder.refused]).toEqual([5, 3]);
  });
});

describe('texts of somebody else', () => {
  it('show their controls and marks of direction as signs, and stay as they are without', () => {
    expect(visible('a\u001b[31mb\u202ec\u0007\u007f\u009b')).toBe('a␛[31mb�c␇␡�');
    expect(visible('Ægir – Ü & <b>')).toBe('Ægir – Ü & <b>');
  });

  it('are made so in every answer, also where JSON escapes them', () => {
    expect(parseVisible('{"a":["x\u202ey","\\u001bz"],"b":1.5,"c":null}')).toEqual({
      a: ['x�y', '␛z'],
      b: 1.5,
      c: null,
    });
    expect(parseVisible('[1,"é"]')).toEqual([1, 'é']);
  });

  it('are made so in a file of one’s own', () => {
    const builder = new TrackBuilder();
    builder.add('e\u202evil', 0, 1, 2);
    builder.setName('e\u202evil', 'n\u001b');
    expect(builder.tracks()[0]).toMatchObject({ id: 'e�vil', name: 'n␛' });
  });
});

describe('speed over time', () => {
  const hour = 3_600_000;
  const points: TrackPoint[] = [
    [0, 0, 0, 4],
    [hour / 2, 0, 0, 8],
    [5 * hour, 0, 0, null],
    [5.5 * hour, 0, 0, 6],
  ];

  it('breaks where the vessel was silent', () => {
    const { times, speeds } = speedSeries(points);
    expect(speeds).toEqual([4, 8, null, null, 6]);
    expect(times[2]).toBe((2.75 * hour) / 1000);
  });

  it('keeps the fastest of what it thins', () => {
    const many = Array.from(
      { length: 10_000 },
      (_, index): TrackPoint => [index * 1000, 0, 0, index === 7777 ? 40 : 1],
    );
    const { speeds } = speedSeries(many);
    expect(speeds.length).toBeLessThanOrEqual(2000);
    expect(Math.max(...speeds.map((speed) => speed ?? 0))).toBe(40);
  });

  it('is told as a table, too', () => {
    expect(speedTable(points, 2)).toEqual([
      { from: 0, mean: 6, most: 8, points: 2 },
      { from: 2.75 * hour, mean: 6, most: 6, points: 1 },
    ]);
    expect(speedTable([])).toEqual([]);
  });

  it('of two vessels shares one axis of time', () => {
    const [times, a, b] = mergeSeries({ times: [1, 3], speeds: [10, null] }, { times: [2, 3], speeds: [5, 6] });
    expect(times).toEqual([1, 2, 3]);
    expect(a).toEqual([10, undefined, null]);
    expect(b).toEqual([undefined, 5, 6]);
  });
});
