import { effect } from '@preact/signals';
import { advance } from '../pure/time';
import { playhead, timeWindow } from '../state/data';
import { adjust, playing, view } from '../state/store';

/** Starts or stops the animation. From the end it begins again. */
export function togglePlay(): void {
  if (playing.value) {
    playing.value = false;
    return;
  }
  const range = timeWindow.value;
  if (!range) return;
  const atEnd = (playhead.value ?? range.to) >= range.to;
  adjust({ mode: 'animated', at: atEnd ? range.from : playhead.value });
  playing.value = true;
}

const LONGEST_FRAME_MS = 250; // a tab that slept does not jump

let frame = 0;

effect(() => {
  cancelAnimationFrame(frame);
  if (!playing.value) return;
  let last = performance.now();
  const tick = (now: number) => {
    const range = timeWindow.peek();
    const at = playhead.peek();
    if (!range || at === null || !playing.peek()) return;
    const step = advance(at, Math.min(LONGEST_FRAME_MS, now - last), view.peek().speed, range);
    last = now;
    adjust({ at: step.at });
    if (step.ended) playing.value = false;
    else frame = requestAnimationFrame(tick);
  };
  frame = requestAnimationFrame(tick);
});
