import { effect, signal } from '@preact/signals';
import type { GapEvent, Port } from '../api/types';
import { boxOf, type Place } from '../pure/geo';
import { cameraWish } from './camera';
import { focusAnswer, focusTracks, vessel } from './data';
import { fields } from './store';

const NEAR_PORT = 11;
const NEAR_POSITION = 9;

/** Moves the map to both ends of a gap. */
export function lookAtGap(gap: GapEvent): void {
  const places: Place[] = [];
  if (gap.start_lon !== null && gap.start_lat !== null) places.push([gap.start_lon, gap.start_lat]);
  if (gap.end_lon !== null && gap.end_lat !== null) places.push([gap.end_lon, gap.end_lat]);
  const box = boxOf(places);
  if (box) cameraWish.value = { box };
}

export function lookAtPort(port: Port): void {
  cameraWish.value = { centre: [port.longitude, port.latitude], zoom: NEAR_PORT };
}

/** Moves the map to what is known of the chosen vessel: its track in the window, else its last position. */
export function lookAtFocus(): void {
  const box = boxOf(focusTracks.value.flatMap((track) => track.points.map((point): Place => [point[1], point[2]])));
  const last = vessel.value.data?.last_position;
  if (box) cameraWish.value = { box };
  else if (last) cameraWish.value = { centre: [last.longitude, last.latitude], zoom: NEAR_POSITION };
}

const awaited = signal<string | null>(null);

/** The same for a vessel that was chosen just now, once its answers are here; not if another is chosen before. */
export function lookAtVessel(mmsi: string): void {
  awaited.value = mmsi;
}

effect(() => {
  const mmsi = awaited.value;
  if (mmsi === null) return;
  const { data, loading, problem } = vessel.value;
  if (fields.vessel.value === mmsi && (loading || focusAnswer.value.loading)) return;
  awaited.value = null;
  if (fields.vessel.value === mmsi && data?.mmsi === mmsi && !problem) lookAtFocus();
});
