import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { getJson, Problem } from '../api/client';
import { answered, forget, tell } from './trouble';

/** Something that is asked of the server: while a new answer is awaited the old one stays visible. */
export interface Resource<T> {
  data: T | null;
  loading: boolean;
  problem: Problem | null;
}

const attempt = signal(0);

/** How often was tried again, for what is no resource: the tiles of the map. */
export const attempts: ReadonlySignal<number> = attempt;

/** Asks every question again whose answer failed. */
export function retry(): void {
  forget();
  attempt.value++;
}

/** Questions under way; the page shows that it loads while this is not 0. */
export const underWay = signal(0);

/**
 * Keeps the answer to the question that `ask` gives. When the question changes, the one under way is withdrawn; null
 * asks nothing and forgets the answer. `waitMs` gathers questions that change quickly into one. An answer about another
 * `subject` is forgotten at once.
 */
export function resource<T>(ask: () => string | null, waitMs = 0): ReadonlySignal<Resource<T>> {
  return loaded((question, abort) => getJson<T>(question, abort), ask, waitMs);
}

export function loaded<T>(
  load: (question: string, abort: AbortSignal) => Promise<T>,
  ask: () => string | null,
  waitMs = 0,
  subject: () => unknown = () => null,
): ReadonlySignal<Resource<T>> {
  const state = signal<Resource<T>>({ data: null, loading: false, problem: null });
  let asked: string | null = null;
  let about: unknown = null;
  let attempted = 0;
  let controller: AbortController | null = null;
  let timer: number | undefined;

  const run = async (question: string) => {
    controller = new AbortController();
    const { signal: abort } = controller;
    underWay.value = underWay.peek() + 1; // peek: this runs inside of an effect, which must not follow it
    let isBack = false;
    try {
      const data = await load(question, abort);
      isBack = answered();
      if (!abort.aborted) state.value = { data, loading: false, problem: null };
    } catch (cause) {
      if (abort.aborted) return;
      const problem = asProblem(cause);
      tell(problem);
      state.value = { data: null, loading: false, problem };
    } finally {
      underWay.value = underWay.peek() - 1;
    }
    // Whichever question shows that the server is back: all that failed meanwhile are asked again, tiles among them.
    if (isBack) attempt.value++;
  };

  effect(() => {
    const question = ask();
    const now = subject();
    const isOther = now !== about;
    about = now;
    const again = attempt.value !== attempted && state.peek().problem !== null;
    attempted = attempt.value;
    if (question === asked && !again) return;
    asked = question;
    controller?.abort();
    window.clearTimeout(timer);
    if (question === null) {
      state.value = { data: null, loading: false, problem: null };
      return;
    }
    state.value = isOther ? { data: null, loading: true, problem: null } : { ...state.peek(), loading: true };
    if (waitMs === 0) void run(question);
    else timer = window.setTimeout(() => void run(question), waitMs);
  });
  return state;
}

function asProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  return new Problem(cause instanceof Error ? cause.message : String(cause));
}
