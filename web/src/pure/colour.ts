import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Opacity of tracks, of 255. */
export const TRACK_ALPHA = 200;

const colours = new Map<string, Rgb>();

/** The colour of a track: the first three bytes of SHA-256 of its id. The same everywhere, with no list to keep. */
export function colourOf(id: string): Rgb {
  let colour = colours.get(id);
  if (!colour) {
    const digest = sha256(utf8ToBytes(id));
    colour = [digest[0] ?? 0, digest[1] ?? 0, digest[2] ?? 0];
    colours.set(id, colour);
  }
  return colour;
}

export function hex([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

export interface SpeedClass {
  /** Knots; the class begins here and ends where the next begins. */
  fromKn: number;
  label: string;
  colour: Rgb;
}

/** Ordered by speed, from cold to warm, and apart for the colour-blind (after viridis/plasma). */
export const SPEED_CLASSES: readonly SpeedClass[] = [
  { fromKn: 0, label: 'stopped, below 0.5 kn', colour: [126, 132, 150] },
  { fromKn: 0.5, label: '0.5 to 3 kn', colour: [72, 104, 210] },
  { fromKn: 3, label: '3 to 8 kn', colour: [28, 150, 170] },
  { fromKn: 8, label: '8 to 14 kn', colour: [60, 176, 90] },
  { fromKn: 14, label: '14 to 20 kn', colour: [222, 160, 30] },
  { fromKn: 20, label: '20 kn and more', colour: [214, 70, 60] },
];

/** Index into SPEED_CLASSES; a speed nobody told counts as none. */
export function speedClass(speedKn: number | null): number {
  if (speedKn === null || !(speedKn >= 0)) return 0;
  let index = 0;
  while (index + 1 < SPEED_CLASSES.length && speedKn >= (SPEED_CLASSES[index + 1]?.fromKn ?? Infinity)) index++;
  return index;
}
