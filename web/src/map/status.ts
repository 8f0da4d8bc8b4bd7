import { signal } from '@preact/signals';

/** What went wrong with the map itself, in words. */
export const mapProblem = signal<string | null>(null);

/** The map can be seen and used. */
export const mapReady = signal(false);
