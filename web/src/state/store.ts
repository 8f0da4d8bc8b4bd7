import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { LocalFile } from '../local/read';
import { formatView, parseView, type View } from './address';

const current = signal<View>(parseView(location.hash));

/** What is looked at. Changed by go() and adjust() only. */
export const view = computed(() => current.value);

type Fields = { readonly [K in keyof View]: ReadonlySignal<View[K]> };

/** The parts of the view one by one: who reads one of them is not told when another changes, such as the moment playing. */
export const fields = Object.fromEntries(
  (Object.keys(current.peek()) as (keyof View)[]).map((name) => [name, computed(() => current.value[name])]),
) as unknown as Fields;

/** Whether the map was ever looked at: what it shows is asked for from then on, also while another page is in front. */
let seen = false;
export const mapOpened = computed(() => {
  seen ||= fields.page.value === 'map';
  return seen;
});

export const playing = signal(false);

/** A file of the user's own; it stays on this machine and is therefore no part of the address. */
export const localFile = signal<LocalFile | null>(null);
export const localProblem = signal<string | null>(null);
export const localLoading = signal(false);

/** Said by screen readers, shown for a moment. */
export const notice = signal<string | null>(null);

/** A step the back button undoes: another page, vessel, event, selection. */
export function go(patch: Partial<View>): void {
  const next = { ...current.value, ...patch };
  const hash = formatView(next);
  flush();
  current.value = next;
  if (hash !== location.hash) history.pushState(null, '', hash);
}

let pending: number | undefined;

/** A continuous change (map moved, slider dragged): replaces the address, at most a few times a second. */
export function adjust(patch: Partial<View>): void {
  current.value = { ...current.value, ...patch };
  pending ??= window.setTimeout(flush, 250);
}

/** Writes the address now; browsers refuse addresses that change too often, so adjust() waits a little. */
function flush(): void {
  window.clearTimeout(pending);
  pending = undefined;
  const hash = formatView(current.value);
  if (hash !== location.hash) history.replaceState(null, '', hash);
}

function readAddress(): void {
  window.clearTimeout(pending);
  pending = undefined;
  playing.value = false;
  current.value = parseView(location.hash);
}

window.addEventListener('popstate', readAddress);
window.addEventListener('hashchange', readAddress);

/** The address of another view, from what is seen now. */
export function addressOf(patch: Partial<View>): string {
  return formatView({ ...view.peek(), ...patch });
}

/** The full address of what is seen now. */
export function shareLink(): string {
  flush();
  return location.href;
}
