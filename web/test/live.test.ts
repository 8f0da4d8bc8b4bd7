import { describe, expect, it } from 'vitest';
import { Fleet, type LiveEvent, type LiveMover, placeOf } from '../src/pure/fleet';
import { type Box, boxToAsk, isInside, mercator, type Place, padded, widthOf } from '../src/pure/geo';
import { EventReader, type ServerEvent } from '../src/pure/sse';
import { ageText } from '../src/pure/time';

describe('a stream of events', () => {
  const text = [
    'retry: 2000\n\n',
    'event: reset\ndata: {"a":\ndata: 1}\nid: 5-7\n\n',
    ':\nid: 6-8\n\n',
    'data:x\r\n\r\n',
    'event: none\n\n',
    'id\ndata: last\r\r',
    'data: cut',
  ].join('');
  const events: ServerEvent[] = [
    { name: 'reset', data: '{"a":\n1}' },
    { name: 'message', data: 'x' },
    { name: 'message', data: 'last' },
  ];

  it('is read the same however it is cut', () => {
    for (let size = 1; size <= text.length; size++) {
      const reader = new EventReader();
      const found: ServerEvent[] = [];
      for (let at = 0; at < text.length; at += size) found.push(...reader.push(text.slice(at, at + size)));
      expect(found).toEqual(events);
      expect(reader.retryMs).toBe(2000);
      expect(reader.lastId).toBe('');
    }
  });

  it('knows the id of what is complete only', () => {
    const reader = new EventReader('1-1');
    expect(reader.push('id: 2-2\ndata: x\n')).toEqual([]);
    expect(reader.lastId).toBe('1-1');
    expect(reader.push('\n')).toHaveLength(1);
    expect(reader.lastId).toBe('2-2');
    reader.push(':\nid: 3-3\n\nid: 4\0\n\nretry: soon\n\n');
    expect([reader.lastId, reader.retryMs]).toEqual(['3-3', null]);
  });
});

const COLUMNS = ['id', 'timestamp', 'longitude', 'latitude', 'speed', 'course', 'heading'];
const UNITS = ['', '', 'deg', 'deg', 'km/h', 'deg', 'deg'];
const knot = (unit: string) => (unit === 'km/h' ? 1.852 : 1);

function event(rows: LiveEvent['rows'], more = false): LiveEvent {
  return { newest: '2025-01-01T01:00:00Z', columns: COLUMNS, units: UNITS, rows, more };
}

const row = (id: string, minute: number, lon: number, lat = 0): LiveEvent['rows'][number] => [
  id,
  `2025-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
  lon,
  lat,
  18.52,
  90,
  null,
];

function of(fleet: Fleet, id: string): LiveMover {
  const mover = fleet.movers.get(id);
  if (!mover) throw new Error(`nobody is ${id}`);
  return mover;
}

describe('the fleet', () => {
  it('has what events tell, in knots', () => {
    const fleet = new Fleet();
    fleet.take(event([row('a', 0, 10, 20), ['b', '2025-01-01T00:00:00Z', -5, 6, null, null, 45]]), 0, false, knot);
    expect(of(fleet, 'a')).toMatchObject({ place: [10, 20], speedKn: 10, course: 90, time: Date.UTC(2025, 0, 1) });
    expect(of(fleet, 'b')).toMatchObject({ speedKn: null, course: 45 });
    expect(fleet.newest).toBe(Date.UTC(2025, 0, 1, 1));
    expect(fleet.isMoving(0)).toBe(false);
    fleet.take(
      event([
        ['c', 'never', 1, 2, 3, 4, 5],
        ['d', '2025-01-01T00:00:00Z', null, 2, 3, 4, 5],
      ]),
      0,
      false,
      knot,
    );
    expect(fleet.movers.size).toBe(2);
  });

  it('reads columns by their names, and does without speed and course', () => {
    const fleet = new Fleet();
    const columns = ['latitude', 'longitude', 'timestamp', 'id', 'temperature'];
    fleet.take({ ...event([[1, 2, '2025-01-01T00:00:00Z', 'a', 38]]), columns, units: [] }, 0, false, knot);
    expect(of(fleet, 'a')).toMatchObject({ place: [2, 1], speedKn: null, course: null });
  });

  it('glides to a new position a little longer than it took to come, from where it is shown', () => {
    const fleet = new Fleet();
    const x = (now: number) => placeOf(of(fleet, 'a'), now)[0] * 360 - 180;
    fleet.take(event([row('a', 0, 0)]), 0, false, knot);
    fleet.take(event([row('a', 1, 2)]), 2000, false, knot);
    expect([2000, 3250, 4500, 9000].map(x).map((lon) => Number(lon.toFixed(9)))).toEqual([0, 1, 2, 2]);
    expect([fleet.isMoving(4499), fleet.isMoving(4500)]).toEqual([true, false]);
    fleet.take(event([row('a', 2, 3)]), 3250, false, knot); // half way
    expect(x(3250)).toBeCloseTo(1);
    expect(x(3250 + 1250 * 0.625)).toBeCloseTo(2);
    fleet.take(event([row('a', 3, 5)]), 1e6, false, knot); // after long: not longer than six seconds
    expect(x(1e6 + 6000)).toBeCloseTo(5);
    fleet.take(event([row('a', 4, 7)]), 2e6, true, knot);
    expect(x(2e6)).toBeCloseTo(7);
    fleet.take(event([row('a', 50, 9)]), 2e6 + 1000, false, knot); // nobody knows the way of such a silence
    expect(x(2e6 + 1000)).toBeCloseTo(9);
  });

  it('goes the short way over 180 degrees', () => {
    const fleet = new Fleet();
    fleet.take(event([row('a', 0, 179)]), 0, false, knot);
    fleet.take(event([row('a', 1, -179)]), 1000, false, knot);
    expect(placeOf(of(fleet, 'a'), 1625)[0]).toBeCloseTo(1);
    fleet.take(event([row('a', 2, 178)]), 2250, false, knot);
    const [from, to] = [of(fleet, 'a').from, of(fleet, 'a').to];
    expect(Math.abs(to[0] - from[0]) * 360).toBeCloseTo(3);
  });

  it('forgets by a reset who is not told of again, and lets the others go on', () => {
    const fleet = new Fleet();
    fleet.take(event([row('a', 0, 0), row('b', 0, 0)]), 0, false, knot);
    fleet.reset();
    expect(fleet.movers.size).toBe(0);
    fleet.take(event([row('a', 1, 2)], true), 1000, false, knot);
    fleet.take(event([row('c', 1, 2)]), 1000, false, knot);
    expect([...fleet.movers.keys()]).toEqual(['a', 'c']);
    expect(placeOf(of(fleet, 'a'), 1625)[0] * 360 - 180).toBeCloseTo(1);
    expect(fleet.isPale(of(fleet, 'a'))).toBe(true); // an hour behind the newest
    fleet.clear();
    expect([fleet.movers.size, fleet.newest]).toEqual([0, null]);
  });
});

describe('the box that is asked for', () => {
  const view: Box = { west: 10, south: 20, east: 14, north: 22 };

  it('is larger than what is seen, and stays while it holds it', () => {
    const asked = boxToAsk(null, view);
    expect(asked).toEqual({ west: 8, south: 19, east: 16, north: 23 });
    expect(boxToAsk(asked, { west: 11.5, south: 20.5, east: 15.5, north: 22.5 })).toBe(asked);
    expect(boxToAsk(asked, { west: 13, south: 20, east: 17, north: 22 })).toEqual({
      west: 11,
      south: 19,
      east: 19,
      north: 23,
    });
    expect(boxToAsk(asked, { west: 12, south: 21, east: 13, north: 22 })).toBe(asked);
    expect(boxToAsk(asked, { west: 12, south: 21, east: 12.9, north: 21.5 })).not.toBe(asked); // far smaller
  });

  it('is right across 180 degrees and of the whole world', () => {
    const across = boxToAsk(null, { west: 178, south: -10, east: -178, north: 10 });
    expect(across).toEqual({ west: 176, south: -20, east: -176, north: 20 });
    expect(widthOf(across)).toBe(8);
    expect(boxToAsk(across, { west: 177, south: 0, east: 179, north: 1 })).toBe(across);
    expect(padded({ west: -100, south: -80, east: 100, north: 80 })).toEqual({
      west: -180,
      south: -90,
      east: 180,
      north: 90,
    });
    // All of the world is seen, and what was asked for is none of it.
    expect(isInside(boxToAsk(across, { west: -180, south: -90, east: 180, north: 90 }), [0, 0])).toBe(true);
  });
});

describe('places on the map', () => {
  it('are parts of the width of the world', () => {
    const places: [Place, readonly [number, number]][] = [
      [
        [0, 0],
        [0.5, 0.5],
      ],
      [
        [-180, 0],
        [0, 0.5],
      ],
      [
        [90, -66.51326044],
        [0.75, 0.75],
      ],
    ];
    for (const [place, [x, y]] of places) {
      expect(mercator(place)[0]).toBeCloseTo(x, 9);
      expect(mercator(place)[1]).toBeCloseTo(y, 6);
    }
    expect(mercator([0, 90])).toEqual(mercator([0, 85])); // the map ends there
  });
});

describe('an age', () => {
  it('is told in the largest unit of which there are two', () => {
    expect([-5, 0, 119, 120, 7199, 7200, 172_799, 172_800, 86_400 * 310].map(ageText)).toEqual([
      '0 s',
      '0 s',
      '119 s',
      '2 min',
      '119 min',
      '2 h',
      '47 h',
      '2 d',
      '310 d',
    ]);
  });
});
