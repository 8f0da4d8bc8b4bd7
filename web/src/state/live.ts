import { computed, effect, signal } from '@preact/signals';
import { pathOf } from '../api/client';
import { follow } from '../api/live';
import { knotIn } from '../api/movers';
import { Fleet, type LiveEvent } from '../pure/fleet';
import { type Box, boxToAsk, formatBox, widthOf } from '../pure/geo';
import type { ServerEvent } from '../pure/sse';
import { parseVisible } from '../pure/visible';
import { isOfShips, mapBox, shownDataset } from './data';
import { attempts } from './resource';
import { fields, localFile } from './store';
import { reducedMotion } from './theme';
import { isOfThePage, tell } from './trouble';

export type LiveState = 'off' | 'connecting' | 'live' | 'reconnecting' | 'refused';

export const liveState = signal<LiveState>('off');
/** Why it is refused, in the server's words. */
export const liveProblem = signal<string | null>(null);
/** Movers in what was asked for, and the time of the newest position, ms. */
export const liveFigures = signal<{ movers: number; newest: number | null }>({ movers: 0, newest: null });

/** Where everybody is. It changes with each event; who draws it is told by liveFigures. */
export const fleet = new Fleet();

/** What was is not live, and a file is nobody's. */
export const mayBeLive = computed(() => fields.asOf.value === null && localFile.value === null);
export const isLive = computed(() => fields.live.value && mayBeLive.value);

const isVisible = signal(!document.hidden);
document.addEventListener('visibilitychange', () => {
  isVisible.value = !document.hidden;
});

let asked: Box | null = null;
const box = computed<Box | null>(() => {
  if (mapBox.value) asked = boxToAsk(asked, mapBox.value);
  return asked && widthOf(asked) < 360 ? asked : null;
});

const livePath = computed<string | null>(() => {
  if (!isLive.value || !isVisible.value || fields.page.value !== 'map') return null;
  return pathOf('/api/v1/live', {
    dataset: isOfShips.value ? null : shownDataset.value,
    bbox: box.value ? formatBox(box.value) : null,
  });
});

function told(): void {
  liveFigures.value = { movers: fleet.movers.size, newest: fleet.newest };
}

function forget(): void {
  fleet.clear();
  told();
}

function take({ name, data }: ServerEvent): void {
  if (name === 'reset') fleet.reset();
  fleet.take(parseVisible(data) as LiveEvent, performance.now(), reducedMotion.peek(), knotIn);
  told();
}

// Others than those of a dataset, or nobody at all: nothing of them stays.
effect(() => {
  void shownDataset.value;
  if (!isLive.value) asked = null;
  forget();
});

effect(() => {
  const path = livePath.value;
  void attempts.value; // what was refused is asked for again with everything else
  liveProblem.value = null;
  liveState.value = path === null ? 'off' : 'connecting';
  if (path === null) return;
  const controller = new AbortController();
  void follow(
    path,
    {
      onOpen: () => {
        liveState.value = 'live';
      },
      onEvent: take,
      onBreak: () => {
        liveState.value = 'reconnecting';
      },
      onRefused: (problem) => {
        liveState.value = 'refused';
        tell(problem);
        if (!isOfThePage(problem)) liveProblem.value = [problem.message, problem.hint].filter(Boolean).join(' ');
      },
    },
    controller.signal,
  );
  return () => controller.abort();
});
