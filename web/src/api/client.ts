/** Why something could not be shown, in words, with what can be done about it. */
export class Problem extends Error {
  readonly hint: string | null;
  readonly status: number;

  constructor(message: string, hint: string | null = null, status = 0) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
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

async function problemOf(response: Response): Promise<Problem> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // A proxy in between may answer with something else than JSON.
  }
  const message = body.error?.message;
  const hint = body.error?.hint;
  return new Problem(
    typeof message === 'string' ? message : `The server answered ${response.status} ${response.statusText}.`,
    typeof hint === 'string' ? hint : null,
    response.status,
  );
}

/** Reads one answer. Throws Problem, or an AbortError when the question was withdrawn. */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { signal, headers: { Accept: 'application/json' } });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Problem(
      'The server does not answer.',
      'Is `seine serve` still running? The page tries again when you act.',
    );
  }
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}
