import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/client';
import { emptiness } from '../state/data';
import { type Resource, retry } from '../state/resource';
import { isOfThePage, trouble } from '../state/trouble';

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export function num(value: number | null | undefined, unit = ''): string {
  return value === null || value === undefined ? '–' : `${numbers.format(value)}${unit}`;
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A fraction of one, such as a score. */
export function share(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}

/** An ISO time as people read it; UTC is said once on the page. */
export function when(iso: string | null | undefined): string {
  return iso ? iso.slice(0, 16).replace('T', ' ') : '–';
}

/** Why a part is not here. What the page tells at its top is not told again, and what is not made yet is no fault. */
export function ProblemNote({ problem }: { problem: Problem }) {
  if ((isOfThePage(problem) && trouble.value !== null) || (problem.kind === 'absent' && emptiness.value !== null)) {
    return <p class="muted">Nothing to show.</p>;
  }
  return (
    <div class={problem.kind === 'absent' ? 'absent' : 'problem'} role={problem.kind === 'absent' ? 'status' : 'alert'}>
      <p>{problem.message}</p>
      {problem.hint && <p class="hint">{problem.hint}</p>}
      <button type="button" class="small" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

interface AnswerProps<T> {
  of: Resource<T>;
  /** What is awaited, e.g. "companions". */
  what: string;
  children: (data: T) => ComponentChildren;
}

/** The answer, or why there is none, or that it is on its way. */
export function Answer<T>({ of, what, children }: AnswerProps<T>) {
  if (of.problem) return <ProblemNote problem={of.problem} />;
  if (of.data !== null) return <>{children(of.data)}</>;
  return of.loading ? (
    <p class="muted" aria-busy="true">
      Loading {what}…
    </p>
  ) : null;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
