import { computed, effect, signal } from '@preact/signals';
import type { Page, VesselHit } from '../api/types';
import { apiPath } from '../state/data';
import { resource } from '../state/resource';
import { fields, go } from '../state/store';

const text = signal('');
const open = signal(false);
const active = signal(-1);
const MOST = 8;

const hits = resource<Page<VesselHit>>(() => {
  const query = text.value.trim();
  return query.length < 2 ? null : apiPath('/api/v1/vessels', { q: query, limit: MOST });
}, 180);

const found = computed(() => hits.value.data?.data ?? []);

effect(() => {
  void found.value;
  active.value = -1;
});

function choose(hit: VesselHit): void {
  text.value = '';
  open.value = false;
  go({ page: 'map', vessel: hit.mmsi, event: null, companion: null });
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
    if (hit && open.value) pressed.shiftKey ? addToTracks(hit) : choose(hit);
  } else return;
  pressed.preventDefault();
}

/** Vessels by the beginning of their number, name or call sign (the ARIA combobox pattern). */
export function Search() {
  const { problem, loading, data } = hits.value;
  const shown = open.value && text.value.trim().length >= 2;
  return (
    <div class="search">
      <input
        type="search"
        name="search"
        aria-label="Search a vessel by number, name or call sign"
        aria-expanded={shown}
        // biome-ignore lint/a11y/noRedundantRoles: without a `list` of its own the field is no combobox
        role="combobox"
        list={undefined}
        aria-controls="search-hits"
        aria-autocomplete="list"
        {...(active.value >= 0 ? { 'aria-activedescendant': `hit-${active.value}` } : {})}
        placeholder="Number, name, call sign"
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
        <div id="search-hits" role="listbox" aria-label="Vessels found">
          {found.value.map((hit, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox above
            <div
              key={hit.mmsi}
              id={`hit-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active.value}
              onMouseDown={(pointer) => pointer.preventDefault()}
              onClick={() => choose(hit)}
            >
              <strong>{hit.name ?? hit.mmsi}</strong>
              <span class="muted">
                {[hit.mmsi, hit.callsign, hit.vessel_type_name, hit.flag].filter(Boolean).join(' · ')}
              </span>
            </div>
          ))}
        </div>
        <p class="muted" role="status">
          {problem?.message ??
            (loading ? 'Searching…' : data && found.value.length === 0 ? 'No vessel begins like this.' : '')}
          {problem?.hint ? ` ${problem.hint}` : ''}
        </p>
      </div>
    </div>
  );
}
