import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { gone } from '../api/client';
import { authorization, isToken, keepToken, token } from '../api/session';
import { retry } from '../state/resource';
import { answered } from '../state/trouble';

const refusal = signal<string | null>(null);
const asking = signal(false);

/** Asks for something small: a token that opens this opens the rest. */
async function statusWith(text: string): Promise<number | null> {
  try {
    return (await fetch('/api/v1/tables', { headers: authorization(text) })).status;
  } catch {
    return null;
  }
}

async function logIn(text: string): Promise<void> {
  if (!isToken(text)) {
    refusal.value = text === '' ? 'Type the token.' : 'A token has no blanks and only plain letters, digits and signs.';
    return;
  }
  asking.value = true;
  const status = await statusWith(text);
  asking.value = false;
  if (status === 401) {
    refusal.value = 'The server does not know this token. Whoever runs it has its list of tokens (--token-file).';
  } else if (status === null) {
    refusal.value = gone().message;
  } else {
    refusal.value = null;
    keepToken(text);
    answered();
    retry();
  }
}

/** The field for the token of a server that wants one. A modal dialog: nothing behind it can be shown before. */
export default function Login({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    refusal.value = null;
    dialog.current?.showModal();
  }, []);
  return (
    <dialog class="login" ref={dialog} aria-labelledby="login-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void logIn(field.current?.value.trim() ?? '');
        }}
      >
        <h2 id="login-title">This server asks for a token</h2>
        <p>
          {token.value === null ? 'It' : 'The one in this tab is not taken any more. A new one'} is kept in this tab
          only and forgotten with it.
        </p>
        <label>
          <span>Token</span>
          <input
            ref={field}
            type="password"
            name="token"
            autocomplete="current-password"
            spellcheck={false}
            aria-invalid={refusal.value !== null}
            aria-describedby="login-refusal"
          />
        </label>
        <p id="login-refusal" class="refusal" role="alert">
          {refusal.value}
        </p>
        <div class="row">
          <button type="submit" disabled={asking.value}>
            Log in
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  );
}
