import { signal } from '@preact/signals';
import { LocalFilePanel } from '../local/drop';
import { hover } from '../map/hover';
import { colourOf, hex, SPEED_CLASSES } from '../pure/colour';
import { formatDuration, MAX_TRACKS, USUAL_TRACKS } from '../pure/time';
import { canAnimate, moversOf } from '../pure/tracks';
import { type Colouring, LAYERS, type Layer, type Mode, type OpenFilter, type View } from '../state/address';
import { boxTool } from '../state/camera';
import {
  datasets,
  gaps,
  hasChoice,
  MAX_GAPS,
  mapBox,
  mapZoom,
  moverWord,
  ports,
  shownDataset,
  topTracks,
  tracks,
  tracksAnswer,
} from '../state/data';
import { lookAtGap } from '../state/look';
import { adjust, fields, go, localFile } from '../state/store';
import { capital, num, ProblemNote, when } from '../ui/bits';
import { Link } from '../ui/link';

/** On a phone the side bar is opened by a button. */
export const sideOpen = signal(false);

export function SideBar() {
  return (
    <aside class={`side ${sideOpen.value ? 'open' : ''}`} id="side" aria-label="What is shown">
      <Datasets />
      <Layers />
      <Tracks />
      <Gaps />
      <LocalFilePanel />
    </aside>
  );
}

/** Whose movers are shown: there is something to choose when there is more than ships. */
function Datasets() {
  if (!hasChoice.value) return null;
  const all = datasets.value.data ?? [];
  return (
    <section class="group" aria-labelledby="datasets-title">
      <h2 id="datasets-title">What moves</h2>
      <select
        name="dataset"
        aria-labelledby="datasets-title"
        value={shownDataset.value}
        onChange={(input) => go({ ...OF_NOBODY, dataset: input.currentTarget.value })}
      >
        {all.map((one) => (
          <option key={one.dataset} value={one.dataset}>
            {one.dataset}, {one.word} ({num(one.movers)})
          </option>
        ))}
      </select>
      <p class="muted small-text">{all.find((one) => one.dataset === shownDataset.value)?.doc}</p>
    </section>
  );
}

/** What was chosen among the movers of one dataset means nothing for those of another, which are elsewhere. */
const OF_NOBODY: Partial<View> = {
  ids: [],
  vessel: null,
  companion: null,
  event: null,
  box: null,
  from: null,
  to: null,
  at: null,
  centre: null,
  zoom: null,
};

const NAMES: Readonly<Record<Layer, string>> = {
  traffic: 'Traffic',
  tracks: 'Tracks',
  gaps: 'Gaps',
  ports: 'Ports',
};

function Layers() {
  const hidden = fields.hidden.value;
  const note = (layer: Layer) => {
    if (layer === 'ports' && !hidden.includes('ports') && mapZoom.value < 5) return 'zoom in';
    if (layer === 'traffic' && localFile.value) return 'not of a file';
    return null;
  };
  return (
    <section class="group" aria-labelledby="layers-title">
      <h2 id="layers-title">Layers</h2>
      <div class="checks">
        {LAYERS.map((layer) => (
          <label key={layer}>
            <input
              type="checkbox"
              name={`layer-${layer}`}
              checked={!hidden.includes(layer)}
              onChange={(input) =>
                adjust({
                  hidden: input.currentTarget.checked ? hidden.filter((one) => one !== layer) : [...hidden, layer],
                })
              }
            />
            {NAMES[layer]} <span class="muted small-text">{note(layer)}</span>
          </label>
        ))}
      </div>
      {ports.value.problem && !hidden.includes('ports') && (
        <p class="muted small-text">
          Ports: {ports.value.problem.message} {ports.value.problem.hint}
        </p>
      )}
    </section>
  );
}

function Tracks() {
  const ids = fields.ids.value;
  const top = fields.top.value;
  const box = fields.box.value;
  const mode = fields.mode.value;
  const colouring = fields.colouring.value;
  const hidden = fields.hidden.value;
  const problem = topTracks.value.problem ?? tracksAnswer.value.problem;
  const loading = topTracks.value.loading || tracksAnswer.value.loading;
  const shown = moversOf(tracks.value);
  const moving = shown.filter(canAnimate).length;
  const most = localFile.value ? Math.max(1, localFile.value.tracks.length) : MAX_TRACKS;
  return (
    <section class="group" aria-labelledby="tracks-title">
      <h2 id="tracks-title">Tracks</h2>
      <div class="row">
        <Choice<Mode>
          name="mode"
          legend="Draw as"
          value={mode}
          options={[
            ['lines', 'Lines'],
            ['animated', 'Moving'],
          ]}
          choose={(value) => adjust({ mode: value })}
        />
        <Choice<Colouring>
          name="colour"
          legend="Colour by"
          value={colouring}
          options={[
            ['vessel', capital(moverWord.value)],
            ['speed', 'Speed'],
          ]}
          choose={(value) => adjust({ colouring: value })}
        />
      </div>
      {colouring === 'speed' && <SpeedLegend />}
      <label class="pair">
        <span>Top by points{ids.length > 0 && ' (off)'}</span>
        <input
          type="number"
          name="top"
          min={0}
          max={most}
          value={top}
          onChange={(input) => {
            const count = Math.round(Number(input.currentTarget.value));
            go({ top: Number.isFinite(count) ? Math.min(most, Math.max(0, count)) : USUAL_TRACKS, ids: [] });
          }}
        />
      </label>
      <div class="row">
        <button
          type="button"
          aria-pressed={boxTool.value}
          onClick={() => {
            boxTool.value = !boxTool.value;
            hover.value = null;
          }}
        >
          Draw a box
        </button>
        <button type="button" onClick={() => go({ box: mapBox.value, ids: [], top: top || USUAL_TRACKS })}>
          Within this view
        </button>
        {(box || ids.length > 0) && (
          <button type="button" onClick={() => go({ box: null, ids: [] })}>
            Everywhere
          </button>
        )}
      </div>
      {boxTool.value && (
        <p class="muted">Drag on the map; Escape leaves it. Shift and drag does the same at any time.</p>
      )}
      {problem && !localFile.value && <ProblemNote problem={problem} />}
      {!problem && !hidden.includes('tracks') && (
        <p class="muted" role="status" aria-busy={loading} data-testid="tracks-status">
          {loading
            ? 'Loading tracks…'
            : `${num(shown.length)} tracks${box ? ' in the box' : ''}, ${num(moving)} with more than two points`}
        </p>
      )}
      <ul class="tracks">
        {shown.map((track) => (
          <li key={track.id}>
            <span class="swatch" style={{ background: hex(colourOf(track.id)) }} />
            {localFile.value ? (
              <span class="name">{track.name ?? track.id}</span>
            ) : (
              <Link to={{ vessel: track.id, event: null, companion: null }} class="name">
                {track.name ?? track.id}
              </Link>
            )}
            <span class="muted">{num(track.pointsTotal)}</span>
            <button
              type="button"
              class="small"
              aria-label={`Leave out ${track.name ?? track.id}`}
              onClick={() => go({ ids: shown.filter((one) => one.id !== track.id).map((one) => one.id) })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  legend: string;
  value: T;
  options: readonly (readonly [T, string])[];
  choose: (value: T) => void;
}

function Choice<T extends string>({ name, legend, value, options, choose }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map(([one, label]) => (
        <label key={one}>
          <input type="radio" name={name} value={one} checked={one === value} onChange={() => choose(one)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function SpeedLegend() {
  return (
    <ul class="legend" aria-label="Colours of speeds">
      {SPEED_CLASSES.map((one) => (
        <li key={one.label}>
          <span class="swatch" style={{ background: hex(one.colour) }} />
          {one.label}
        </li>
      ))}
    </ul>
  );
}

const LISTED_GAPS = 50;

function Gaps() {
  const minGapHours = fields.minGapHours.value;
  const open = fields.open.value;
  const hidden = fields.hidden.value;
  const event = fields.event.value;
  const { data, problem, loading } = gaps.value;
  if (hidden.includes('gaps') || localFile.value) return null;
  const found = data?.data ?? [];
  return (
    <section class="group" aria-labelledby="gaps-title">
      <h2 id="gaps-title">Gaps in view</h2>
      <div class="row">
        <label class="pair">
          <span>At least</span>
          <span class="with-unit">
            <input
              type="number"
              name="min-hours"
              min={0}
              value={minGapHours}
              onChange={(input) => adjust({ minGapHours: Math.max(0, Number(input.currentTarget.value) || 0) })}
            />{' '}
            h
          </span>
        </label>
        <label class="pair">
          <span>Which</span>
          <select
            name="open"
            value={open}
            onChange={(input) => adjust({ open: input.currentTarget.value as OpenFilter })}
          >
            <option value="all">all</option>
            <option value="open">open</option>
            <option value="closed">closed</option>
          </select>
        </label>
      </div>
      {problem ? (
        <ProblemNote problem={problem} />
      ) : (
        <p class="muted" role="status" aria-busy={loading} data-testid="gaps-status">
          {loading
            ? 'Loading gaps…'
            : `${num(found.length)} gaps${data?.next ? `; only the first ${MAX_GAPS} are drawn` : ''}`}
        </p>
      )}
      <ul class="events">
        {found.slice(0, LISTED_GAPS).map((gap) => (
          <li key={gap.event_id}>
            <Link
              to={{ event: gap.event_id, vessel: gap.mmsi, companion: null }}
              current={gap.event_id === event && 'true'}
              onFollow={() => lookAtGap(gap)}
            >
              {gap.name ?? gap.mmsi}
            </Link>
            <span class="muted">
              {when(gap.start)} · {gap.is_closed && gap.duration_h !== null ? formatDuration(gap.duration_h) : 'open'}
            </span>
          </li>
        ))}
      </ul>
      {found.length > LISTED_GAPS && <p class="muted">and {num(found.length - LISTED_GAPS)} more on the map</p>}
    </section>
  );
}
