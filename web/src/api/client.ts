import { parseVisible } from '../pure/visible';
import { authorization, token } from './session';

/**
 * What is the matter: the server is not there, cannot answer now, or wants another token; what was asked for is not
 * there; or something else.
 */
export type Kind = 'gone' | 'busy' | 'login' | 'absent' | 'other';

/** Why something could not be shown, in words, with what can be done about it. */
export class Problem extends Error {
  readonly hint: string | null;
  readonly status: number;
  readonly kind: Kind;

  constructor(message: string, hint: string | null = null, status = 0, kind: Kind = kindOf(status)) {
    super(message);
    this.hint = hint;
    this.status = status;
    this.kind = kind;
  }
}

function kindOf(status: number): Kind {
  return status === 401 ? 'login' : status === 503 ? 'busy' : status === 404 ? 'absent' : 'other';
}

export function gone(): Problem {
  return new Problem('The server does not answer.', 'Is `seine serve` still running?', 0, 'gone');
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function pathOf(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

interface ErrorBody {
  error?: { message?: unknown; hint?: unknown };
}

/** The server's own words about a refusal, as far as there are any. */
export function problemFrom(status: number, statusText: string, body: string): Problem {
  let parsed: ErrorBody = {};
  try {
    parsed = (parseVisible(body) ?? {}) as ErrorBody;
  } catch {
    // A proxy in between may answer with something else than JSON.
  }
  const message = parsed.error?.message;
  const hint = parsed.error?.hint;
  return new Problem(
    typeof message === 'string' ? message : `The server answered ${status} ${statusText}.`,
    typeof hint === 'string' ? hint : null,
    status,
  );
}

/** Reads one answer. Throws Problem, or an AbortError when the question was withdrawn. */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const shown = token.peek();
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, { signal, headers: { Accept: 'application/json', ...authorization(shown) } });
    text = await response.text();
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw gone();
  }
  // Somebody logged in while this was on its way.
  if (response.status === 401 && token.peek() !== shown) return getJson(path, signal);
  if (!response.ok) throw problemFrom(response.status, response.statusText, text);
  return parseVisible(text) as T;
}
