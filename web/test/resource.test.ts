import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { getJson, pathOf } from '../src/api/client';
import { keepToken } from '../src/api/session';
import { sawAbsent, trouble } from '../src/state/trouble';

vi.stubGlobal('window', globalThis);
const { attempts, loaded, resource, retry, underWay } = await import('../src/state/resource');

/** Answers that the test gives when it wants to. */
function questions() {
  const open = new Map<string, { give: (text: string) => void; fail: (cause: Error) => void; abort: AbortSignal }>();
  const load = (question: string, abort: AbortSignal) =>
    new Promise<string>((give, fail) => open.set(question, { give, fail, abort }));
  return { open, load };
}

const turn = () => new Promise((done) => setImmediate(done));

describe('a question to the server', () => {
  it('keeps the old answer in sight until the new one is here', async () => {
    const { open, load } = questions();
    const asked = signal<string | null>('a');
    const answer = loaded(load, () => asked.value);
    expect(answer.value).toEqual({ data: null, loading: true, problem: null });
    expect(underWay.value).toBe(1);
    open.get('a')?.give('A');
    await turn();
    expect(answer.value).toEqual({ data: 'A', loading: false, problem: null });
    asked.value = 'b';
    expect(answer.value).toEqual({ data: 'A', loading: true, problem: null });
    open.get('b')?.give('B');
    await turn();
    expect(answer.value.data).toBe('B');
    expect(underWay.value).toBe(0);
  });

  it('is withdrawn when another takes its place, and its late answer is not shown', async () => {
    const { open, load } = questions();
    const asked = signal<string | null>('a');
    const answer = loaded(load, () => asked.value);
    asked.value = 'b';
    expect(open.get('a')?.abort.aborted).toBe(true);
    open.get('b')?.give('B');
    await turn();
    open.get('a')?.give('A');
    await turn();
    expect(answer.value.data).toBe('B');
  });

  it('that nobody asks any more is forgotten', async () => {
    const { open, load } = questions();
    const asked = signal<string | null>('a');
    const answer = loaded(load, () => asked.value);
    asked.value = null;
    expect(open.get('a')?.abort.aborted).toBe(true);
    expect(answer.value).toEqual({ data: null, loading: false, problem: null });
    await turn();
  });

  it('that failed is told in words and can be asked again', async () => {
    const { open, load } = questions();
    const answer = loaded(load, () => 'a');
    open.get('a')?.fail(new Error('no'));
    await turn();
    expect(answer.value.problem?.message).toBe('no');
    open.delete('a');
    retry();
    open.get('a')?.give('A');
    await turn();
    expect(answer.value).toEqual({ data: 'A', loading: false, problem: null });
    open.delete('a');
    retry();
    expect(open.has('a')).toBe(false);
  });

  it('of several in quick succession only the last is asked', async () => {
    vi.useFakeTimers();
    const { open, load } = questions();
    const asked = signal('a');
    loaded(load, () => asked.value, 200);
    asked.value = 'b';
    asked.value = 'c';
    vi.advanceTimersByTime(250);
    expect([...open.keys()]).toEqual(['c']);
    vi.useRealTimers();
  });
});

describe('an answer of the server', () => {
  const answers = vi.fn<() => Promise<Response>>();
  beforeEach(() => vi.stubGlobal('fetch', answers));
  const ask = () => getJson('/api/v1/x', new AbortController().signal);

  it('that is an error has the words and the hint of the server', async () => {
    const body = { error: { status: 404, message: 'There is no such table.', hint: 'seine refresh' } };
    answers.mockResolvedValue(Response.json(body, { status: 404 }));
    await expect(ask()).rejects.toMatchObject({ message: body.error.message, hint: body.error.hint, status: 404 });
  });

  it('of something in between has words, too', async () => {
    answers.mockResolvedValue(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
    await expect(ask()).rejects.toMatchObject({ message: 'The server answered 502 Bad Gateway.', hint: null });
  });

  it('that never comes is told', async () => {
    answers.mockRejectedValue(new TypeError('Failed to fetch'));
    await expect(ask()).rejects.toMatchObject({ message: 'The server does not answer.' });
  });

  it('is asked again with the token that somebody typed while it was on its way, and not for ever', async () => {
    answers.mockReset();
    answers.mockImplementationOnce(() => {
      keepToken('new');
      return Promise.resolve(Response.json({}, { status: 401 }));
    });
    answers.mockResolvedValueOnce(Response.json({ one: 1 }));
    expect(await ask()).toEqual({ one: 1 });
    const shown = vi.mocked(fetch).mock.calls.map((call) => new Headers(call[1]?.headers).get('authorization'));
    expect(shown).toEqual([null, 'Bearer new']);
    answers.mockImplementation(() => Promise.resolve(Response.json({}, { status: 401 })));
    await expect(ask()).rejects.toMatchObject({ kind: 'login' });
    expect(answers).toHaveBeenCalledTimes(3);
    keepToken(null);
  });

  it('that concerns the whole page is told there until the server answers', async () => {
    const of = async (answer: () => Promise<Response>) => {
      answers.mockReset();
      answers.mockImplementation(answer);
      const asked = resource(() => '/api/v1/x');
      while (asked.value.loading) await turn();
      return trouble.value?.kind ?? null;
    };
    const good = async () => Response.json({});
    const refused = (status: number) => of(async () => Response.json({}, { status }));
    expect(await of(() => Promise.reject(new TypeError('Failed to fetch')))).toBe('gone');
    expect(await of(good)).toBeNull();
    expect(await refused(503)).toBe('busy');
    expect(await refused(401)).toBe('login');
    expect(await of(good)).toBeNull();
    expect([await refused(404), sawAbsent.value]).toEqual([null, true]);
    expect(await refused(500)).toBeNull();
  });

  it('that shows that the server is back lets all be asked again that failed meanwhile', async () => {
    answers.mockImplementation(() => Promise.reject(new TypeError('Failed to fetch')));
    const failed = resource(() => '/api/v1/failed');
    while (failed.value.loading) await turn();
    expect(trouble.value?.kind).toBe('gone');
    const before = attempts.value;
    answers.mockImplementation(async () => Response.json({ is: 'back' }));
    const other = resource(() => '/api/v1/other');
    while (other.value.loading || failed.value.loading) await turn();
    expect(failed.value).toEqual({ data: { is: 'back' }, loading: false, problem: null });
    expect(attempts.value).toBe(before + 1); // which is how the tiles of the map hear of it
    expect(trouble.value).toBeNull();
  });

  it('is asked for by path and query, without what is not said', () => {
    expect(pathOf('/a', { x: 1, y: null, z: undefined, w: '', v: false, u: 'a b&c' })).toBe('/a?x=1&v=false&u=a+b%26c');
    expect(pathOf('/a', {})).toBe('/a');
    answers.mockResolvedValue(Response.json({ one: 1 }));
    const answer = resource<{ one: number }>(() => '/api/v1/one');
    expect(answer.value.loading).toBe(true);
  });
});
