import type { Columns } from '../pure/columns';
import { type LocalFile, readFile } from './read';

export interface Question {
  file: File;
  columns: Columns | null;
}

export type Answer = { ok: true; file: LocalFile } | { ok: false; message: string };

self.addEventListener('message', async (event: MessageEvent<Question>) => {
  let answer: Answer;
  try {
    answer = { ok: true, file: await readFile(event.data.file, event.data.columns) };
  } catch (cause) {
    answer = { ok: false, message: cause instanceof Error ? cause.message : String(cause) };
  }
  self.postMessage(answer);
});
