import { signal } from '@preact/signals';
import type { Problem } from '../api/client';

/** What keeps the whole page from being filled: told once, at its top, and not by each of its parts. */
export const trouble = signal<Problem | null>(null);

/** Something was asked for that is not there: perhaps the lake has nothing yet. */
export const sawAbsent = signal(false);

export function isOfThePage(problem: Problem): boolean {
  return problem.kind === 'gone' || problem.kind === 'busy' || problem.kind === 'login';
}

export function tell(problem: Problem): void {
  if (isOfThePage(problem)) trouble.value = problem;
  if (problem.kind === 'absent') sawAbsent.value = true;
}

/** The server answers, so what was told of it holds no more. Tells whether it had been gone or busy. */
export function answered(): boolean {
  const former = trouble.peek()?.kind;
  if (former !== undefined) trouble.value = null;
  return former === 'gone' || former === 'busy';
}

/** It is tried again: what holds still will be told again. */
export function forget(): void {
  sawAbsent.value = false;
  if (trouble.peek()?.kind !== 'login') trouble.value = null;
}
