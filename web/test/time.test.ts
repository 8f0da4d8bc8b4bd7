import { describe, expect, it } from 'vitest';
import {
  advance,
  coarsen,
  DAY,
  formatDuration,
  HOUR,
  histogram,
  isoTime,
  parseTime,
  sliderStep,
  usualTracks,
  usualWindow,
  windowWithin,
} from '../src/pure/time';

describe('the time slider', () => {
  it('steps by a two-hundredth of the span, at least a millisecond', () => {
    expect(sliderStep(200_000)).toBe(1000);
    expect(sliderStep(10)).toBe(1);
    expect(sliderStep(0)).toBe(1);
  });

  it('chooses 50 tracks, or all of fewer', () => {
    expect([usualTracks(7), usualTracks(50), usualTracks(1000)]).toEqual([7, 50, 50]);
  });

  it('keeps the window in the domain and in order', () => {
    const domain = { from: 0, to: 10 * DAY };
    expect(windowWithin(domain, null, null)).toEqual(domain);
    expect(windowWithin(domain, -5, 99 * DAY)).toEqual(domain);
    expect(windowWithin(domain, 3 * DAY, DAY)).toEqual({ from: DAY, to: 3 * DAY });
  });

  it('never lets the window vanish', () => {
    const domain = { from: 0, to: HOUR };
    expect(windowWithin(domain, HOUR, HOUR, 60_000)).toEqual({ from: HOUR - 60_000, to: HOUR });
    expect(windowWithin(domain, 5, 5, 60_000)).toEqual({ from: 5, to: 60_005 });
  });

  it('first shows the last week at most', () => {
    expect(usualWindow({ from: 0, to: 3 * DAY })).toEqual({ from: 0, to: 3 * DAY });
    expect(usualWindow({ from: 0, to: 30 * DAY })).toEqual({ from: 23 * DAY, to: 30 * DAY });
  });
});

describe('playing', () => {
  const window = { from: 1000, to: 100_000 };
  it('moves by the speed', () => {
    expect(advance(2000, 100, 60, window)).toEqual({ at: 8000, ended: false });
  });
  it('stops at the end of the window', () => {
    expect(advance(99_000, 100, 60, window)).toEqual({ at: 100_000, ended: true });
  });
  it('begins within the window', () => {
    expect(advance(0, 1, 1, window).at).toBe(1000);
  });
});

describe('the histogram', () => {
  it('loses no count when it is made coarser', () => {
    const counts = Array.from({ length: 745 }, (_, index) => index % 7);
    const { counts: sums, factor } = coarsen(counts, 240);
    expect(factor).toBe(4);
    expect(sums.length).toBeLessThanOrEqual(240);
    const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
    expect(sum(sums)).toBe(sum(counts));
    expect(coarsen([1, 2], 240).counts).toEqual([1, 2]);
  });

  it('counts both ends of its domain', () => {
    expect(histogram([0, 5, 10], { from: 0, to: 10 }, 2)).toEqual([1, 2]);
  });
});

describe('times in files', () => {
  const noon = Date.UTC(2025, 0, 1, 12);
  it.each([
    ['2025-01-01T12:00:00Z'],
    ['2025-01-01 12:00:00'],
    ['2025-01-01T12:00'],
    ['2025-01-01 14:00:00+02:00'],
    ['2025-01-01 14:00:00+02'],
    ['2025-01-01T12:00:00.000'],
    [noon / 1000],
    [String(noon / 1000)],
    [noon],
    [noon * 1000],
    [BigInt(noon) * 1000n],
    [BigInt(noon) * 1_000_000n],
    [new Date(noon)],
  ])('%s is noon', (text) => {
    expect(parseTime(text)).toBe(noon);
  });

  it('a date is its midnight in UTC', () => {
    expect(parseTime('2025-01-01')).toBe(Date.UTC(2025, 0, 1));
  });

  it.each([['not a time'], [''], [null], [undefined], ['01/02/2025'], ['2025-13-45T99:00:00'], [Number.NaN]])(
    '%s is no time',
    (text) => {
      expect(parseTime(text)).toBeNull();
    },
  );
});

describe('words for times', () => {
  it('are short', () => {
    expect([0.5, 6, 14.25, 50, 72].map(formatDuration)).toEqual(['30 min', '6 h', '14.3 h', '2 d 2 h', '3 d']);
    expect(isoTime(Date.UTC(2025, 0, 1))).toBe('2025-01-01T00:00:00Z');
  });
});
