import { type Box, formatBox, parseBox } from '../pure/geo';
import { joinIds, splitIds } from '../pure/ids';
import { clamp, isoTime, MAX_TRACKS, TRAIL, USUAL_TRACKS } from '../pure/time';

export type Page = 'map' | 'overview' | 'tables';
export type Mode = 'lines' | 'animated';
export type Colouring = 'vessel' | 'speed';
export type OpenFilter = 'all' | 'open' | 'closed';
export type Layer = 'traffic' | 'tracks' | 'gaps' | 'ports';

export const LAYERS: readonly Layer[] = ['traffic', 'tracks', 'gaps', 'ports'];
export const SPEEDS: readonly number[] = [60, 300, 600, 1800, 3600, 10800];

/** Everything that is looked at; the address holds all of it, and nothing else decides what is shown. */
export interface View {
  page: Page;
  /** Whose movers are shown; null: ships, or the only dataset there is. */
  dataset: string | null;
  /** Name of the table whose page is open. */
  table: string | null;
  centre: readonly [lon: number, lat: number] | null;
  zoom: number | null;
  /** Window of time, ms; null: the usual one. */
  from: number | null;
  to: number | null;
  /** Playhead, ms; null: the end of the window. */
  at: number | null;
  trailMin: number;
  /** Seconds of the lake per second of the viewer. */
  speed: number;
  mode: Mode;
  colouring: Colouring;
  /** Tracks with most positions, where `ids` names none. */
  top: number;
  ids: readonly string[];
  box: Box | null;
  hidden: readonly Layer[];
  /** Positions as they are committed. */
  live: boolean;
  minGapHours: number;
  open: OpenFilter;
  vessel: string | null;
  companion: string | null;
  event: string | null;
  /** Time or snapshot the lake is looked at; null: now. */
  asOf: string | null;
}

export const USUAL: View = {
  page: 'map',
  dataset: null,
  table: null,
  centre: null,
  zoom: null,
  from: null,
  to: null,
  at: null,
  trailMin: TRAIL.usual,
  speed: 600,
  mode: 'lines',
  colouring: 'vessel',
  top: USUAL_TRACKS,
  ids: [],
  box: null,
  hidden: [],
  live: false,
  minGapHours: 0,
  open: 'all',
  vessel: null,
  companion: null,
  event: null,
  asOf: null,
};

/** The part of the address behind `#`. Only what differs from the usual is told, so that links stay short. */
export function formatView(view: View): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string | null) => {
    if (value !== null && value !== '') query.set(name, value);
  };
  const unless = <T extends string | number>(value: T, usual: T) => (value === usual ? null : String(value));
  const time = (value: number | null) => (value === null ? null : isoTime(value));
  set('data', view.dataset);
  set('vessel', view.vessel);
  set('with', view.companion);
  set('event', view.event);
  set('at', time(view.at));
  set('from', time(view.from));
  set('to', time(view.to));
  set('c', view.centre === null ? null : view.centre.map((degrees) => Number(degrees.toFixed(4))).join(','));
  set('z', view.zoom === null ? null : String(Number(view.zoom.toFixed(2))));
  set('mode', unless(view.mode, USUAL.mode));
  set('colour', unless(view.colouring, USUAL.colouring));
  set('trail', unless(view.trailMin, USUAL.trailMin));
  set('speed', unless(view.speed, USUAL.speed));
  set('top', unless(view.top, USUAL.top));
  set('ids', joinIds(view.ids));
  set('box', view.box === null ? null : formatBox(view.box));
  set('hide', view.hidden.join(','));
  set('live', view.live ? '1' : null);
  set('min_hours', unless(view.minGapHours, USUAL.minGapHours));
  set('open', unless(view.open, USUAL.open));
  set('as_of', view.asOf);
  const path = view.page === 'tables' && view.table !== null ? `tables/${encodeURIComponent(view.table)}` : view.page;
  // Commas and colons need no escape behind `#` and read better.
  const text = query.toString().replace(/%2C/g, ',').replace(/%3A/g, ':');
  return `#/${path}${text === '' ? '' : `?${text}`}`;
}

/** Reads the address. What is not understood is left at the usual, so that an old or cut link still opens. */
export function parseView(hash: string): View {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [first = '', second] = path.split('/');
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name) || null;
  const page = oneOf<Page>(first, ['map', 'overview', 'tables'], 'map');
  return {
    page,
    dataset: text('data'),
    table: page === 'tables' && second ? safeDecode(second) : null,
    centre: parseCentre(query.get('c')),
    zoom: parseNumber(query.get('z'), 0, 22),
    from: parseTimeText(query.get('from')),
    to: parseTimeText(query.get('to')),
    at: parseTimeText(query.get('at')),
    trailMin: Math.round(parseNumber(query.get('trail'), TRAIL.min, TRAIL.max) ?? USUAL.trailMin),
    speed: parseNumber(query.get('speed'), 1, 86_400) ?? USUAL.speed,
    mode: oneOf<Mode>(query.get('mode'), ['lines', 'animated'], USUAL.mode),
    colouring: oneOf<Colouring>(query.get('colour'), ['vessel', 'speed'], USUAL.colouring),
    top: Math.round(parseNumber(query.get('top'), 0, MAX_TRACKS) ?? USUAL.top),
    ids: [...new Set(splitIds(query.get('ids') ?? ''))].slice(0, MAX_TRACKS),
    box: parseBox(query.get('box') ?? ''),
    hidden: LAYERS.filter((layer) => (query.get('hide') ?? '').split(',').includes(layer)),
    live: query.get('live') === '1',
    minGapHours: parseNumber(query.get('min_hours'), 0, 100_000) ?? USUAL.minGapHours,
    open: oneOf<OpenFilter>(query.get('open'), ['all', 'open', 'closed'], USUAL.open),
    vessel: text('vessel'),
    companion: text('with'),
    event: text('event'),
    asOf: text('as_of'),
  };
}

function oneOf<T extends string>(value: string | null, allowed: readonly T[], usual: T): T {
  return allowed.find((one) => one === value) ?? usual;
}

function parseNumber(text: string | null, low: number, high: number): number | null {
  if (text === null || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? clamp(value, low, high) : null;
}

function parseTimeText(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const value = Date.parse(text);
  return Number.isFinite(value) ? value : null;
}

function parseCentre(text: string | null): readonly [number, number] | null {
  const [lon, lat, more] = (text ?? '').split(',');
  const x = parseNumber(lon ?? null, -180, 180);
  const y = parseNumber(lat ?? null, -85, 85);
  return x === null || y === null || more !== undefined ? null : [x, y];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
