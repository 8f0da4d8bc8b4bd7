import { effect } from '@preact/signals';
import type { Map as MapLibre } from 'maplibre-gl';
import { normaliseLon } from '../pure/geo';
import { USUAL_TRACKS } from '../pure/time';
import { boxTool } from '../state/camera';
import { go, view } from '../state/store';

const LEAST_PX = 8;

/** Lets the viewer draw a box, by the tool or with Shift; tracks are then chosen within it. Returns how to stop. */
export function drawBoxes(map: MapLibre): () => void {
  const canvas = map.getCanvasContainer();
  let start: { x: number; y: number } | null = null;
  let frame: HTMLDivElement | null = null;
  /** The browser calls the end of a drag a click, and a click chooses what lies under it. */
  let clickIsOurs = false;

  const place = (pointer: PointerEvent) => {
    const rect = canvas.getBoundingClientRect();
    return { x: pointer.clientX - rect.left, y: pointer.clientY - rect.top };
  };
  const end = () => {
    frame?.remove();
    frame = null;
    start = null;
    boxTool.value = false;
    map.dragPan.enable();
  };
  const down = (pointer: PointerEvent) => {
    clickIsOurs = false;
    if (!(boxTool.peek() || pointer.shiftKey) || pointer.button !== 0) return;
    pointer.preventDefault();
    map.dragPan.disable();
    canvas.setPointerCapture(pointer.pointerId);
    start = place(pointer);
    clickIsOurs = true;
    frame = document.createElement('div');
    frame.className = 'box-frame';
    canvas.append(frame);
  };
  const move = (pointer: PointerEvent) => {
    if (!start || !frame) return;
    const here = place(pointer);
    frame.style.left = `${Math.min(start.x, here.x)}px`;
    frame.style.top = `${Math.min(start.y, here.y)}px`;
    frame.style.width = `${Math.abs(here.x - start.x)}px`;
    frame.style.height = `${Math.abs(here.y - start.y)}px`;
  };
  const up = (pointer: PointerEvent) => {
    if (!start) return;
    const here = place(pointer);
    const from = map.unproject([Math.min(start.x, here.x), Math.max(start.y, here.y)]);
    const to = map.unproject([Math.max(start.x, here.x), Math.min(start.y, here.y)]);
    const bigEnough = Math.abs(here.x - start.x) >= LEAST_PX && Math.abs(here.y - start.y) >= LEAST_PX;
    end();
    if (!bigEnough) return;
    const box = { west: normaliseLon(from.lng), south: from.lat, east: normaliseLon(to.lng), north: to.lat };
    go({ box, ids: [], top: view.peek().top || USUAL_TRACKS });
  };
  const click = (pointer: MouseEvent) => {
    if (clickIsOurs) pointer.stopImmediatePropagation();
    clickIsOurs = false;
  };
  const key = (pressed: KeyboardEvent) => {
    if (pressed.key === 'Escape' && (start || boxTool.peek())) end();
  };
  canvas.addEventListener('pointerdown', down);
  canvas.addEventListener('pointermove', move);
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', end);
  canvas.addEventListener('click', click, { capture: true });
  window.addEventListener('keydown', key);
  const stop = effect(() => {
    canvas.style.cursor = boxTool.value ? 'crosshair' : '';
    // Before the pointer goes down: by then the map would already have begun to move.
    if (boxTool.value) map.dragPan.disable();
    else map.dragPan.enable();
  });
  return () => {
    canvas.removeEventListener('pointerdown', down);
    canvas.removeEventListener('pointermove', move);
    canvas.removeEventListener('pointerup', up);
    canvas.removeEventListener('pointercancel', end);
    canvas.removeEventListener('click', click, { capture: true });
    window.removeEventListener('keydown', key);
    stop();
  };
}
