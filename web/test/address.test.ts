import { describe, expect, it } from 'vitest';
import { formatView, parseView, USUAL, type View } from '../src/state/address';

const everything: View = {
  page: 'map',
  dataset: 'animals',
  table: null,
  centre: [-119.7583, 34.0888],
  zoom: 7.25,
  from: Date.UTC(2018, 5, 1, 6),
  to: Date.UTC(2018, 5, 3),
  at: Date.UTC(2018, 5, 2, 12, 30),
  trailMin: 90,
  speed: 3600,
  mode: 'animated',
  colouring: 'speed',
  top: 20,
  ids: ['367123456', 'goat, the \\ one'],
  box: { west: 179.5, south: -20, east: -179, north: 10.25 },
  hidden: ['traffic', 'ports'],
  live: true,
  minGapHours: 12,
  open: 'open',
  vessel: '367123456',
  companion: '538000001',
  event: 'a1b2c3',
  asOf: '2025-01-02T00:00:00Z',
};

describe('the address', () => {
  it('is short for the usual view', () => {
    expect(formatView(USUAL)).toBe('#/map');
    expect(parseView('#/map')).toEqual(USUAL);
    expect(parseView('')).toEqual(USUAL);
  });

  it('holds everything that is looked at', () => {
    expect(parseView(formatView(everything))).toEqual(everything);
  });

  it('reads well', () => {
    expect(
      formatView({ ...USUAL, vessel: '367123456', at: Date.UTC(2025, 0, 1, 12), centre: [-120, 34], zoom: 8 }),
    ).toBe('#/map?vessel=367123456&at=2025-01-01T12:00:00Z&c=-120,34&z=8');
  });

  it('names the table that is open', () => {
    const view: View = { ...USUAL, page: 'tables', table: 'gold.ais/odd name' };
    expect(formatView(view)).toBe('#/tables/gold.ais%2Fodd%20name');
    expect(parseView(formatView(view))).toEqual(view);
  });

  it('leaves at the usual what it does not understand', () => {
    expect(parseView('#/nowhere?c=400,900,1&z=x&mode=dance&from=yesterday&box=1,2,3&speed=&top=many')).toEqual(USUAL);
    expect(parseView('#/tables/%E0%A4%A').table).toBe('%E0%A4%A');
  });

  it('keeps numbers within what the page can draw', () => {
    const view = parseView('#/map?trail=100000&top=5000&z=99&min_hours=-3');
    expect([view.trailMin, view.top, view.zoom, view.minGapHours]).toEqual([120, 200, 22, 0]);
    const ids = Array.from({ length: 500 }, (_, index) => String(index));
    expect(parseView(`#/map?ids=${ids.join(',')}`).ids).toHaveLength(200);
    expect(parseView('#/map?ids=1,1,,2').ids).toEqual(['1', '2']);
  });

  it('carries odd ids unharmed', () => {
    const view: View = { ...USUAL, vessel: 'A&B=#?%/ü', event: '50% off' };
    expect(parseView(formatView(view))).toEqual(view);
  });
});
