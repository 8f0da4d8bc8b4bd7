import { signal } from '@preact/signals';
import { type Columns, likelyColumns } from '../pure/columns';
import { boxOf, type Place } from '../pure/geo';
import { usualTracks } from '../pure/time';
import { visible } from '../pure/visible';
import { cameraWish } from '../state/camera';
import { adjust, go, localFile, localLoading, localProblem, playing } from '../state/store';
import { num } from '../ui/bits';
import { LoadProblem, loadLocalFile } from './load';
import type { LocalFile } from './read';

const dragging = signal(false);
let opened: File | null = null;

/** A file that can be read once its columns are named, and what they are guessed to be. */
const unnamed = signal<{ file: File; header: string[]; columns: Columns } | null>(null);

export async function openFile(file: File, columns: Columns | null = null): Promise<void> {
  localProblem.value = null;
  localLoading.value = true;
  try {
    const read = await loadLocalFile(file, columns);
    opened = file;
    unnamed.value = null;
    show(read);
  } catch (cause) {
    const header = cause instanceof LoadProblem ? cause.header : null;
    unnamed.value = header && header.length > 0 ? { file, header, columns: columns ?? likelyColumns(header) } : null;
    localProblem.value = cause instanceof Error ? cause.message : String(cause);
  } finally {
    localLoading.value = false;
  }
}

function show(file: LocalFile): void {
  playing.value = false;
  localFile.value = file;
  adjust({ page: 'map', from: null, to: null, at: null, ids: [], box: null, top: usualTracks(file.tracks.length) });
  const box = boxOf(file.tracks.flatMap((track) => track.points.map((point): Place => [point[1], point[2]])));
  if (box) cameraWish.value = { box };
}

export function closeFile(): void {
  opened = null;
  playing.value = false;
  localFile.value = null;
  localProblem.value = null;
  unnamed.value = null;
  go({ from: null, to: null, at: null, ids: [] });
}

function holdsFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

window.addEventListener('dragover', (event) => {
  if (!holdsFile(event)) return;
  event.preventDefault();
  dragging.value = true;
});
window.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) dragging.value = false;
});
window.addEventListener('drop', (event) => {
  dragging.value = false;
  const file = event.dataTransfer?.files[0];
  if (!file) return;
  event.preventDefault();
  void openFile(file);
});

export function DropHint() {
  return dragging.value ? (
    <div class="drop-hint" aria-hidden="true">
      Drop a CSV, GeoJSON or Parquet file to see its tracks
    </div>
  ) : null;
}

/** The file that is open, what became of its rows, and which column is what. */
export function LocalFilePanel() {
  const file = localFile.value;
  return (
    <section class="group" aria-labelledby="file-title">
      <h2 id="file-title">A file of your own</h2>
      {localLoading.value && (
        <p class="muted" aria-busy="true">
          Reading the file…
        </p>
      )}
      {localProblem.value && (
        <p class={unnamed.value ? 'absent' : 'problem'} role="alert">
          {visible(localProblem.value)}
        </p>
      )}
      {unnamed.value && <NameColumns {...unnamed.value} />}
      {file ? (
        <OpenFile file={file} />
      ) : (
        <p class="muted">Drop a CSV, GeoJSON or Parquet file on the page; it stays on this machine.</p>
      )}
      <div class="row">
        <label class="button">
          {file ? 'Another file' : 'Choose a file'}
          <input
            type="file"
            class="hidden-file"
            name="file"
            accept=".csv,.tsv,.txt,.json,.geojson,.parquet,.pq"
            onChange={(input) => {
              const chosen = input.currentTarget.files?.[0];
              if (chosen) void openFile(chosen);
              input.currentTarget.value = '';
            }}
          />
        </label>
        {file && (
          <button type="button" onClick={closeFile}>
            Close the file
          </button>
        )}
      </div>
    </section>
  );
}

const LABELS: Readonly<Record<keyof Columns, string>> = {
  id: 'Vessel',
  time: 'Time',
  lat: 'Latitude',
  lon: 'Longitude',
  speed: 'Speed',
};

function OpenFile({ file }: { file: LocalFile }) {
  const kept = file.tracks.length < file.tracksTotal ? ` (the ${file.tracks.length} with most positions are kept)` : '';
  return (
    <>
      <p data-testid="file-summary">
        <strong>{visible(file.name)}</strong>: {num(file.rows)} rows, {num(file.tracksTotal)}{' '}
        {file.tracksTotal === 1 ? 'track' : 'tracks'}
        {kept}
        {file.refused > 0 && `, ${num(file.refused)} rows without time or place`}.
      </p>
      {file.columns && <ColumnChoice file={file} columns={file.columns} />}
    </>
  );
}

function ColumnChoice({ file, columns }: { file: LocalFile; columns: Columns }) {
  return (
    <details>
      <summary>Columns</summary>
      <ColumnFields
        header={file.header}
        columns={columns}
        change={(next) => {
          if (opened) void openFile(opened, next);
        }}
      />
    </details>
  );
}

/** For a file whose header has none of the agreed names. */
function NameColumns({ file, header, columns }: { file: File; header: string[]; columns: Columns }) {
  return (
    <form
      aria-label="Which column is what"
      onSubmit={(event) => {
        event.preventDefault();
        void openFile(file, columns);
      }}
    >
      <ColumnFields
        header={header}
        columns={columns}
        change={(next) => {
          unnamed.value = { file, header, columns: next };
        }}
      />
      <button type="submit">Show it</button>
    </form>
  );
}

interface ColumnsProps {
  header: readonly string[];
  columns: Columns;
  change: (next: Columns) => void;
}

function ColumnFields({ header, columns, change }: ColumnsProps) {
  return (
    <>
      {(Object.keys(LABELS) as (keyof Columns)[]).map((part) => (
        <label class="pair" key={part}>
          <span>{LABELS[part]}</span>
          <select
            value={columns[part] ?? ''}
            onChange={(input) => change({ ...columns, [part]: input.currentTarget.value || null })}
          >
            <option value="">none</option>
            {header.map((name) => (
              <option key={name} value={name}>
                {visible(name)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </>
  );
}
