import { describe, expect, it } from 'vitest';
import { asOfVessels, vesselOf } from '../src/api/movers';
import type { Dataset } from '../src/api/types';
import { joinIds, splitIds } from '../src/pure/ids';

const buses: Dataset = {
  dataset: 'buses',
  word: 'bus',
  doc: '',
  fixes: 10,
  movers: 2,
  gaps: null,
  first: null,
  last: null,
  watermark: null,
  speed: 'velocity',
  speed_unit: 'km/h',
  measures: [{ name: 'velocity', type: 'double', unit: 'km/h', doc: '' }],
  columns: [{ name: 'line', type: 'string', unit: '', doc: '' }],
};

describe('answers about other movers', () => {
  it('have the form of those about vessels, with speeds in knots', () => {
    expect(asOfVessels({ data: [{ id: 'a', points: 3 }], next: null }, buses)).toEqual({
      data: [{ mmsi: 'a', name: null, points: 3 }],
      next: null,
    });
    const points = [
      [1, 2, 3, 18.52],
      [4, 5, 6, null],
    ];
    const track = { mmsi: 'a', name: null, points: [[1, 2, 3, 10], points[1]] };
    expect(asOfVessels({ id: 'a', points }, buses)).toEqual(track);
    expect(asOfVessels({ tracks: [{ id: 'a', points }] }, buses)).toEqual({ tracks: [track] });
    expect(asOfVessels({ counts: [1, 2] }, buses)).toEqual({ counts: [1, 2] });
  });

  it('tell what a mover told last with its units', () => {
    const seen = {
      first_seen: 'x',
      last_seen: 'y',
      days_seen: 1,
      fixes: 2,
      gaps: { count: 0, open: 0, longest_h: null },
    };
    const last = { timestamp: 'y', latitude: 1, longitude: 2, velocity: 18.52, line: null };
    const bus = vesselOf({ id: 'a', ...seen, last_position: last }, buses);
    expect(bus.mmsi).toBe('a');
    expect(bus.last_position?.speed).toBe(10);
    expect(bus.told).toEqual([
      { name: 'velocity', value: '18.52 km/h' },
      { name: 'line', value: '–' },
    ]);
    const nowhere = vesselOf({ id: 'a', ...seen, last_position: { ...last, latitude: null } }, buses);
    expect(nowhere.last_position).toBe(null);
  });
});

describe('a list of ids', () => {
  it('comes back whatever the ids hold', () => {
    const ids = ['1', 'a, b', 'c\\', '\\,', 'd e'];
    expect(splitIds(joinIds(ids))).toEqual(ids);
    expect(joinIds(['1', '2'])).toBe('1,2');
    expect(splitIds('')).toEqual([]);
    expect(splitIds(',1,,2,')).toEqual(['1', '2']);
  });
});
