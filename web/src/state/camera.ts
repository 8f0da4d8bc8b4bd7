import { signal } from '@preact/signals';
import type { Box, Place } from '../pure/geo';

/** Where the map is asked to go; the map takes it and sets it back to null. */
export type CameraWish = { box: Box } | { centre: Place; zoom: number };

export const cameraWish = signal<CameraWish | null>(null);

/** Whether the next drag on the map draws a box instead of moving it. */
export const boxTool = signal(false);
