import { signal } from '@preact/signals';

/** What lies under the pointer, in words, and where on the map. */
export const hover = signal<{ x: number; y: number; text: string } | null>(null);
