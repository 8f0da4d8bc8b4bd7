import { describe, expect, it } from 'vitest';
import {
  arc,
  boxOf,
  formatBox,
  isInside,
  metresPerPixel,
  normaliseLon,
  type Place,
  parseBox,
  splitAtAntimeridian,
  toleranceM,
  unrollLon,
  withoutOutliers,
} from '../src/pure/geo';

describe('lines across 180°', () => {
  it('stay whole where they do not cross', () => {
    const line: Place[] = [
      [-90, 10],
      [80, 20],
    ];
    expect(splitAtAntimeridian(line)).toEqual([line]);
  });

  it('are cut eastwards, with the point on the edge in both pieces', () => {
    const pieces = splitAtAntimeridian([
      [178, 0],
      [179, 10],
      [-179, 20],
      [-178, 30],
    ]);
    expect(pieces).toEqual([
      [
        [178, 0],
        [179, 10],
        [180, 15],
      ],
      [
        [-180, 15],
        [-179, 20],
        [-178, 30],
      ],
    ]);
  });

  it('are cut westwards and back again', () => {
    const pieces = splitAtAntimeridian([
      [-179, 0],
      [179, 0],
      [-179, 0],
    ]);
    expect(pieces.map((piece) => piece.map((place) => place[0]))).toEqual([
      [-179, -180],
      [180, 179, 180],
      [-180, -179],
    ]);
  });

  it('keep no piece of a single point', () => {
    expect(splitAtAntimeridian([[10, 10]])).toEqual([]);
    expect(splitAtAntimeridian([])).toEqual([]);
  });
});

describe('arcs', () => {
  it('begin at the OFF and end at the ON', () => {
    const places = arc([-120, 34], [-118, 33]);
    expect(places[0]).toEqual([-120, 34]);
    expect(places.at(-1)?.[0]).toBeCloseTo(-118);
    expect(places.at(-1)?.[1]).toBeCloseTo(33);
  });

  it('bend to the left of the way', () => {
    const middle = arc([0, 0], [10, 0])[12];
    expect(middle?.[0]).toBeCloseTo(5);
    expect(middle?.[1]).toBeGreaterThan(0);
  });

  it('go the short way across 180°', () => {
    const lons = arc([178, 0], [-178, 0]).map((place) => Math.abs(place[0]));
    expect(Math.min(...lons)).toBeGreaterThanOrEqual(177.9);
    expect(splitAtAntimeridian(arc([178, 0], [-178, 0]))).toHaveLength(2);
  });
});

describe('boxes', () => {
  it('hold all places', () => {
    const places: Place[] = [
      [-120, 34],
      [-118, 33],
      [-119, 35],
    ];
    expect(boxOf(places)).toEqual({ west: -120, south: 33, east: -118, north: 35 });
    expect(boxOf([])).toBeNull();
  });

  it('cross 180° where that is smaller', () => {
    const places: Place[] = [
      [179, 0],
      [-179, 1],
      [178, 2],
    ];
    expect(boxOf(places)).toEqual({ west: 178, south: 0, east: -179, north: 2 });
  });

  it('hold what is inside, also across 180°', () => {
    const box = { west: 170, south: -10, east: -170, north: 10 };
    expect([
      isInside(box, [175, 0]),
      isInside(box, [-175, 0]),
      isInside(box, [0, 0]),
      isInside(box, [175, 11]),
    ]).toEqual([true, true, false, false]);
    expect(isInside({ west: 0, south: 0, east: 1, north: 1 }, [1, 1])).toBe(true);
  });

  it('leave out a single wrong position among many', () => {
    const places = Array.from({ length: 200 }, (_, index): Place => [179.9 + index / 1000, 34 + index / 1000]);
    const wrong: Place[] = [...places.map(([lon, lat]): Place => [normaliseLon(lon), lat]), [0, 0]];
    const box = boxOf(withoutOutliers(wrong));
    expect(box?.south).toBeGreaterThan(33.9);
    expect(box?.west).toBeGreaterThan(179.8);
    expect(box?.east).toBeLessThan(-179.8);
    expect(withoutOutliers([[1, 2]])).toEqual([[1, 2]]);
  });

  it('are written and read', () => {
    const box = { west: -122, south: 32.5, east: -117, north: 36 };
    expect(parseBox(formatBox(box))).toEqual(box);
    for (const bad of ['', '1,2,3', '1,2,3,x', '-181,0,0,1', '0,10,1,5', '0,0,1,91']) expect(parseBox(bad)).toBeNull();
  });
});

describe('degrees and pixels', () => {
  it('bring longitudes home', () => {
    expect([normaliseLon(190), normaliseLon(-190), normaliseLon(540), normaliseLon(180), normaliseLon(-180)]).toEqual([
      -170, 170, -180, 180, -180,
    ]);
    expect(unrollLon(-179, 179)).toBe(181);
    expect(unrollLon(179, -179)).toBe(-181);
  });

  it('ask for lines as fine as a pixel, never finer than 10 m', () => {
    expect(metresPerPixel(0, 0)).toBeCloseTo(78271.5, 1);
    expect(toleranceM(7.9, 0)).toBe(toleranceM(7.1, 0));
    expect(toleranceM(8, 0)).toBeLessThan(toleranceM(7, 0));
    expect(toleranceM(20, 0)).toBe(10);
  });
});
