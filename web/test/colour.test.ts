import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { colourOf, hex, SPEED_CLASSES, speedClass } from '../src/pure/colour';

describe('the colour of a track', () => {
  it.each(['367123456', '538000001', '', 'cab 7', 'Ærø ⚓'])('is the first three bytes of SHA-256 of %s', (id) => {
    const digest = createHash('sha256').update(id, 'utf8').digest();
    expect(colourOf(id)).toEqual([digest[0], digest[1], digest[2]]);
    expect(hex(colourOf(id))).toBe(`#${digest.toString('hex').slice(0, 6)}`);
  });

  it('is written with both digits', () => {
    expect(hex([0, 10, 255])).toBe('#000aff');
  });
});

describe('the class of a speed', () => {
  it('begins at its lower bound', () => {
    for (const [index, one] of SPEED_CLASSES.entries()) expect(speedClass(one.fromKn)).toBe(index);
  });
  it('is the first for a speed nobody told, the last for a very great one', () => {
    expect([speedClass(null), speedClass(Number.NaN), speedClass(0.49), speedClass(102)]).toEqual([0, 0, 0, 5]);
  });
});
