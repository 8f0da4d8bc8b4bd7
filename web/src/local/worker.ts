import type { Columns } from '../pure/columns';
import { ColumnsProblem, type LocalFile, readFile } from './read';

export interface Question {
  file: File;
  columns: Columns | null;
}

export type Answer = { ok: true; file: LocalFile } | { ok: false; message: string; header: string[] | null };

self.addEventListener('message', async (event: MessageEvent<Question>) => {
  let answer: Answer;
  try {
    answer = { ok: true, file: await readFile(event.data.file, event.data.columns) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    answer = { ok: false, message, header: cause instanceof ColumnsProblem ? cause.header : null };
  }
  self.postMessage(answer);
});
