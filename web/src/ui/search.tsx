import { computed, effect, signal } from '@preact/signals';
import type { Page, Port, VesselHit } from '../api/types';
import { apiPath, askMovers, isOfShips, moverWord, ofMovers } from '../state/data';
import { lookAtPort, lookAtVessel } from '../state/look';
import { resource } from '../state/resource';
import { fields, go } from '../state/store';

const text = signal('');
const open = signal(false);
const active = signal(-1);
const MOST_VESSELS = 8;
const MOST_PORTS = 4;
/** More than are shown, so that what begins with the text is among them. */
const ASKED = 60;
const WAIT_MS = 180;

const query = computed(() => {
  const typed = text.value.trim();
  return typed.length < 2 ? null : typed;
});
const ask = (path: string) => () => query.value && apiPath(path, { q: query.value, limit: ASKED });
const vessels = ofMovers<Page<VesselHit>>(
  () => query.value && askMovers('/api/v1/vessels', '', { q: query.value, limit: ASKED }),
  WAIT_MS,
);
const ports = resource<Page<Port>>(ask('/api/v1/ports'), WAIT_MS);

interface Hit {
  key: string;
  title: string;
  rest: (string | null)[];
  choose: () => void;
  addToTracks?: () => void;
}

/** What begins with the text before what only holds it, else in the order of the answer. */
function best<T>(list: readonly T[], most: number, texts: (one: T) => (string | null)[]): T[] {
  const begin = query.value?.toLowerCase() ?? '';
  const begins = (one: T) => texts(one).some((each) => each?.toLowerCase().startsWith(begin));
  return [...list.filter(begins), ...list.filter((one) => !begins(one))].slice(0, most);
}

const found = computed<Hit[]>(() => [
  ...best(vessels.value.data?.data ?? [], MOST_VESSELS, (one) => [one.name, one.mmsi, one.callsign, one.imo]).map(
    ofVessel,
  ),
  ...best(ports.value.data?.data ?? [], MOST_PORTS, (one) => [one.port_name, one.unlocode]).map(ofPort),
]);

effect(() => {
  void found.value;
  active.value = -1;
});

function ofVessel(hit: VesselHit): Hit {
  return {
    key: hit.mmsi,
    title: hit.name ?? hit.mmsi,
    rest: [
      isOfShips.value ? hit.mmsi : moverWord.value,
      hit.imo && `IMO ${hit.imo}`,
      hit.callsign,
      hit.vessel_type_name,
      hit.flag,
    ],
    choose: () => {
      go({ page: 'map', vessel: hit.mmsi, event: null, companion: null });
      lookAtVessel(hit.mmsi);
    },
    addToTracks: () => addToTracks(hit),
  };
}

function ofPort(port: Port): Hit {
  return {
    key: `port ${port.port_id}`,
    title: port.port_name,
    rest: ['Port', port.unlocode, port.country],
    choose: () => {
      go({ page: 'map', hidden: fields.hidden.value.filter((layer) => layer !== 'ports') });
      lookAtPort(port);
    },
  };
}

function choose(hit: Hit): void {
  text.value = '';
  open.value = false;
  hit.choose();
}

function addToTracks(hit: VesselHit): void {
  const ids = fields.ids.value;
  go({ ids: ids.includes(hit.mmsi) ? ids : [...ids, hit.mmsi] });
}

function key(pressed: KeyboardEvent): void {
  const { length } = found.value;
  if (pressed.key === 'ArrowDown' && length > 0) active.value = (active.value + 1) % length;
  else if (pressed.key === 'ArrowUp' && length > 0) active.value = (active.value - 1 + length) % length;
  else if (pressed.key === 'Escape') open.value = false;
  else if (pressed.key === 'Enter') {
    const hit = found.value[Math.max(0, active.value)];
    if (hit && open.value) pressed.shiftKey && hit.addToTracks ? hit.addToTracks() : choose(hit);
  } else return;
  pressed.preventDefault();
}

/** What is told below the hits. Of ports there may be none at all: that is no fault. */
function told(): string {
  const { problem, loading, data } = vessels.value;
  if (problem)
    return problem.kind === 'absent' ? 'There is nothing to search yet.' : [problem.message, problem.hint].join(' ');
  if (loading || ports.value.loading) return 'Searching…';
  return data && found.value.length === 0 ? `No ${moverWord.value} and no port is called so.` : '';
}

/** Vessels by a part of their number, name, call sign or IMO number, and ports (the ARIA combobox pattern). */
export function Search() {
  const shown = open.value && text.value.trim().length >= 2;
  return (
    <div class="search">
      <input
        type="search"
        name="search"
        aria-label={
          isOfShips.value
            ? 'Search vessels and ports by name or number'
            : `Search every ${moverWord.value} and port by its id`
        }
        aria-expanded={shown}
        // biome-ignore lint/a11y/noRedundantRoles: without a `list` of its own the field is no combobox
        role="combobox"
        list={undefined}
        aria-controls="search-hits"
        aria-autocomplete="list"
        {...(active.value >= 0 ? { 'aria-activedescendant': `hit-${active.value}` } : {})}
        placeholder={isOfShips.value ? 'Name, number, IMO, port' : 'Id, port'}
        autocomplete="off"
        spellcheck={false}
        value={text.value}
        onInput={(input) => {
          text.value = input.currentTarget.value;
          open.value = true;
        }}
        onFocus={() => {
          open.value = true;
        }}
        onBlur={() => {
          open.value = false;
        }}
        onKeyDown={key}
      />
      <div class="hits" hidden={!shown}>
        <div id="search-hits" role="listbox" aria-label="What was found">
          {found.value.map((hit, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox above
            <div
              key={hit.key}
              id={`hit-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active.value}
              onMouseDown={(pointer) => pointer.preventDefault()}
              onClick={() => choose(hit)}
            >
              <strong>{hit.title}</strong>
              <span class="muted">{hit.rest.filter(Boolean).join(' · ')}</span>
            </div>
          ))}
        </div>
        <p class="muted" role="status">
          {told()}
        </p>
      </div>
    </div>
  );
}
