import { signal } from '@preact/signals';

const KEY = 'seine.token';

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden
  }
}

/** What a server with tokens is shown. It is kept in this tab only, and gone with it. */
export const token = signal<string | null>(stored());

export function keepToken(text: string | null): void {
  token.value = text;
  try {
    if (text === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, text);
  } catch {
    // Not kept then; it still holds until the page is loaded again.
  }
}

/** The header that shows a token, none without one. */
export function authorization(shown: string | null = token.peek()): Record<string, string> {
  return shown === null ? {} : { Authorization: `Bearer ${shown}` };
}

/** Whether a text can be sent in a header at all. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
