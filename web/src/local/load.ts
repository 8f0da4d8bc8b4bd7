import type { Columns } from '../pure/columns';
import type { LocalFile } from './read';
import type { Answer, Question } from './worker';

/** Not readable as it is. With a header: readable once its columns are named. */
export class LoadProblem extends Error {
  readonly header: string[] | null;

  constructor(message: string, header: string[] | null) {
    super(message);
    this.header = header;
  }
}

/** Reads a file of the user's in a thread of its own, so that the page stays alive. */
export function loadLocalFile(file: File, columns: Columns | null): Promise<LocalFile> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<LocalFile>((resolve, reject) => {
    worker.addEventListener('message', (event: MessageEvent<Answer>) => {
      if (event.data.ok) resolve(event.data.file);
      else reject(new LoadProblem(event.data.message, event.data.header));
    });
    worker.addEventListener('error', (event) => reject(new Error(event.message || 'The file could not be read.')));
    const question: Question = { file, columns };
    worker.postMessage(question);
  }).finally(() => worker.terminate());
}
