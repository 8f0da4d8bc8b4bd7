import { emptiness } from '../state/data';
import { retry } from '../state/resource';
import { fields } from '../state/store';
import { trouble } from '../state/trouble';

const EMPTY = {
  empty: [
    'This lake holds no positions yet.',
    'seine ingest --lake LAKE FILE… brings them, then seine refresh --lake LAKE makes the rest.',
  ],
  unmade: [
    'The positions are in the lake, but nothing was made of them yet.',
    'seine refresh --lake LAKE makes what is shown here.',
  ],
  past: ['At that time the lake held none of this.', 'Go back to now, or to a later snapshot.'],
} as const;

/** What concerns the whole page, in one place. */
export function Banner() {
  const problem = trouble.value;
  const state = emptiness.value;
  if (problem) {
    if (problem.kind === 'login') return null; // the form asks for it
    return (
      <div class="banner problem" role="alert">
        <p>
          {problem.message} {problem.hint}
        </p>
        <TryAgain />
      </div>
    );
  }
  if (!state) return null;
  const [message, hint] = EMPTY[fields.asOf.value === null ? state : 'past'];
  return (
    <div class="banner absent" role="status">
      <p>
        <strong>{message}</strong> {hint}
      </p>
      <TryAgain />
    </div>
  );
}

function TryAgain() {
  return (
    <button type="button" class="small" onClick={retry}>
      Try again
    </button>
  );
}
