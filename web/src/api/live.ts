import { EventReader, type ServerEvent } from '../pure/sse';
import { gone, Problem, problemFrom } from './client';
import { authorization } from './session';

export interface Follower {
  onOpen(): void;
  onEvent(event: ServerEvent): void;
  /** The stream ended, or could not be had; it is tried again. */
  onBreak(): void;
  /** The server refuses it, and will again. */
  onRefused(problem: Problem): void;
}

/** After each failure twice as long as before, ms. */
const WAIT_MS = { first: 1_000, most: 30_000 } as const;
/** The server breaks silence every 15 s. */
const SILENT_MS = 40_000;

/**
 * Follows a stream until `abort`: by fetch and not by EventSource, which cannot show a token. What breaks is tried again, and
 * goes on behind the last event that came.
 */
export async function follow(path: string, follower: Follower, abort: AbortSignal): Promise<void> {
  const kept = { lastId: '' };
  let wait: number = WAIT_MS.first;
  while (!abort.aborted) {
    try {
      const response = await ask(path, kept.lastId, abort);
      follower.onOpen();
      await read(response, kept, follower, abort);
      wait = WAIT_MS.first;
    } catch (cause) {
      if (abort.aborted) return;
      if (cause instanceof Problem && !passes(cause)) {
        follower.onRefused(cause);
        return;
      }
    }
    if (abort.aborted) return;
    follower.onBreak();
    await pause(wait, abort);
    wait = Math.min(WAIT_MS.most, wait * 2);
  }
}

/** Whether it may be otherwise soon. */
function passes({ kind, status }: Problem): boolean {
  return kind === 'gone' || kind === 'busy' || status === 429 || status >= 500;
}

async function ask(path: string, lastId: string, abort: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'text/event-stream', ...authorization() };
  if (lastId !== '') headers['Last-Event-ID'] = lastId;
  const response = await fetch(path, { signal: abort, headers, cache: 'no-store' }).catch((cause: unknown) => {
    if (abort.aborted) throw cause;
    throw gone();
  });
  if (!response.ok) throw problemFrom(response.status, response.statusText, await response.text());
  return response;
}

async function read(response: Response, kept: { lastId: string }, follower: Follower, abort: AbortSignal) {
  const events = new EventReader(kept.lastId);
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!stream) return;
  let timer = 0;
  try {
    while (!abort.aborted) {
      timer = window.setTimeout(() => void stream.cancel(), SILENT_MS);
      const { value, done } = await stream.read();
      window.clearTimeout(timer);
      if (done) return;
      for (const event of events.push(value)) follower.onEvent(event);
      kept.lastId = events.lastId;
    }
  } finally {
    window.clearTimeout(timer);
  }
}

/** A wait that `abort` ends, too. */
function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    abort.addEventListener('abort', () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}
