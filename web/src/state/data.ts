import { computed, signal } from '@preact/signals';
import { getJson, pathOf, type Query } from '../api/client';
import { asOfVessels, SHIPS, vesselOf } from '../api/movers';
import type {
  ApiPoint,
  CompanionsAnswer,
  Dataset,
  GapEvent,
  Mover,
  Overview,
  Page,
  Port,
  TableDetail,
  TableSummary,
  Timeline,
  TopAnswer,
  TrackAnswer,
  TracksAnswer,
  Vessel,
  VesselDays,
} from '../api/types';
import { type Box, formatBox, isInside, toleranceM } from '../pure/geo';
import { joinIds } from '../pure/ids';
import { clamp, DAY, HOUR, histogram, isoTime, type Range, usualWindow, windowWithin } from '../pure/time';
import { canAnimate, spanOf, type Track, topByPoints } from '../pure/tracks';
import { loaded, resource } from './resource';
import { fields, localFile, mapOpened, view } from './store';
import { sawAbsent } from './trouble';

/** Every question carries the time at which the lake is looked at. */
export function apiPath(path: string, query: Query = {}): string {
  return pathOf(path, { ...query, as_of: fields.asOf.value });
}

/** A zoom at which the first lines are fine enough wherever the lake's vessels turn out to be. */
const FIRST_ZOOM = 7;

/** What the map shows, as far as questions depend on it; set by the map when it stops moving. */
export const mapBox = signal<Box | null>(null);
export const mapZoom = signal(view.peek().zoom ?? FIRST_ZOOM);
export const mapLat = signal(view.peek().centre?.[1] ?? 0);

const onMap = () => mapOpened.value;

/* ---- whose movers ---- */

export const datasets = loaded<Dataset[]>(
  async (path, abort) => (await getJson<{ data: Dataset[] }>(path, abort)).data,
  () => apiPath('/api/v1/movers'),
);

/** Name of the dataset that is looked at; null: ships, which are asked for before it is known what there is. */
const other = computed<string | null>(() => {
  const asked = fields.dataset.value;
  if (asked !== null) return asked === SHIPS ? null : asked;
  const all = datasets.value.data ?? [];
  return all.length === 0 || all.some((one) => one.dataset === SHIPS) ? null : (all[0]?.dataset ?? null);
});

/** What is known of it; null: of ships, or not yet. */
export const otherDataset = computed<Dataset | null>(
  () => datasets.value.data?.find((one) => one.dataset === other.value) ?? null,
);
export const isOfShips = computed(() => other.value === null);
export const shownDataset = computed(() => other.value ?? SHIPS);

/** Whether there is anything to choose between, or to tell about. */
export const hasChoice = computed(() => {
  const all = datasets.value.data ?? [];
  return all.length > 1 || (all.length === 1 && all[0]?.dataset !== SHIPS);
});

export const moverWord = computed(() => otherDataset.value?.word ?? 'vessel');

/**
 * The path of a question about movers: of ships by the routes of vessels, else by those of the dataset, once it is known
 * (an unknown one is asked for, so that the server says what there is).
 */
function moversPath(ofVessels: string, ofOthers: string): string | null {
  const name = other.value;
  if (name === null) return ofVessels;
  if (!otherDataset.value && datasets.value.data === null) return null;
  return `/api/v1/movers/${encodeURIComponent(name)}${ofOthers}`;
}

export function askMovers(ofVessels: string, ofOthers: string, query: Query = {}): string | null {
  const path = moversPath(ofVessels, ofOthers);
  return path === null ? null : apiPath(path, query);
}

/** An answer about movers, in the form of those about vessels. */
export function ofMovers<T>(ask: () => string | null, waitMs = 0) {
  return loaded<T>(
    async (question, abort) => {
      const answer = await getJson<unknown>(question, abort);
      const dataset = otherDataset.peek();
      return (dataset ? asOfVessels(answer, dataset) : answer) as T;
    },
    ask,
    waitMs,
    () => shownDataset.value,
  );
}

/** Where the tiles of the traffic begin. */
export const tilesPath = computed(() => moversPath('/tiles', '/tiles'));

/* ---- time ---- */

export const timeline = ofMovers<Timeline>(() => (onMap() ? askMovers('/api/v1/timeline', '/timeline') : null));

/** From the first to the last time there is: of the file, where one is open, else of the lake. */
export const domain = computed<Range | null>(() => {
  const file = localFile.value;
  if (file) {
    const span = spanOf(file.tracks);
    return span && span.to > span.from ? span : span && { from: span.from, to: span.from + HOUR };
  }
  const answer = timeline.value.data;
  if (!answer) return null;
  const from = Date.parse(answer.start);
  const to = Date.parse(answer.end);
  return Number.isFinite(from) && to > from ? { from, to } : null;
});

export const timelineCounts = computed<readonly number[]>(() => {
  const file = localFile.value;
  const span = domain.value;
  if (!file || !span) return timeline.value.data?.counts ?? [];
  const times = file.tracks.flatMap((track) => track.points.map((point) => point[0]));
  return histogram(times, span, 120);
});

export const timeWindow = computed<Range | null>(() => {
  const span = domain.value;
  if (!span) return null;
  const usual = localFile.value ? span : usualWindow(span);
  return windowWithin(span, fields.from.value ?? usual.from, fields.to.value ?? usual.to);
});

/** The playhead; in the line mode there is none that matters. */
export const playhead = computed<number | null>(() => {
  const range = timeWindow.value;
  if (!range) return null;
  return clamp(fields.at.value ?? range.to, range.from, range.to);
});

/** The window as questions name it: whole minutes, so that dragging by pixels asks the same question twice. */
export const askedWindow = computed<{ start: string; end: string } | null>(() => {
  const range = timeWindow.value;
  if (!range) return null;
  const minute = 60_000;
  return {
    start: isoTime(Math.floor(range.from / minute) * minute),
    end: isoTime(Math.ceil(range.to / minute) * minute),
  };
});

const SETTLE_MS = 250;

/* ---- tracks ---- */

export const topTracks = ofMovers<TopAnswer>(() => {
  const ids = fields.ids.value;
  const top = fields.top.value;
  const box = fields.box.value;
  const range = askedWindow.value;
  if (!onMap() || ids.length > 0 || top === 0 || !range || localFile.value) return null;
  return askMovers('/api/v1/tracks/top', '/tracks/top', { n: top, ...range, bbox: box ? formatBox(box) : null });
}, SETTLE_MS);

export const chosenIds = computed<readonly string[]>(() => {
  if (fields.ids.value.length > 0) return fields.ids.value;
  return (topTracks.value.data?.data ?? []).map((one) => one.mmsi);
});

const tolerance = computed(() => toleranceM(mapZoom.value, mapLat.value));

function tracksPath(ids: readonly string[]): string | null {
  const range = askedWindow.value;
  if (ids.length === 0 || !range || !onMap() || localFile.value) return null;
  const wanted = isOfShips.value ? { mmsi: ids.join(',') } : { ids: joinIds(ids) };
  return askMovers('/api/v1/tracks', '/tracks', { ...wanted, ...range, tolerance_m: tolerance.value });
}

export const tracksAnswer = ofMovers<TracksAnswer>(
  () => (fields.hidden.value.includes('tracks') ? null : tracksPath(chosenIds.value)),
  SETTLE_MS,
);

/** The vessel of the panel and its companion, drawn side by side above the others. */
export const focusAnswer = ofMovers<TracksAnswer>(() => {
  const vessel = fields.vessel.value;
  const companion = fields.companion.value;
  return tracksPath([vessel, companion].filter((id): id is string => id !== null));
});

function toTracks(answer: TracksAnswer | null): Track[] {
  const all = (answer?.tracks ?? []).map((track) => ({
    id: track.mmsi,
    name: track.name,
    pointsTotal: track.points_total,
    points: track.points,
  }));
  return topByPoints(all, all.length);
}

/** Of a file, as the server does it for the lake. */
function topOf(all: readonly Track[]): Track[] {
  const box = fields.box.value;
  const within = box ? all.filter((track) => track.points.some((point) => isInside(box, [point[1], point[2]]))) : all;
  return topByPoints(within, fields.top.value);
}

export const tracks = computed<readonly Track[]>(() => {
  const file = localFile.value;
  if (fields.hidden.value.includes('tracks')) return [];
  if (!file) return toTracks(tracksAnswer.value.data);
  const range = timeWindow.value;
  const ids = fields.ids.value;
  const chosen = ids.length > 0 ? file.tracks.filter((track) => ids.includes(track.id)) : topOf(file.tracks);
  if (!range) return chosen;
  return chosen.map((track) => ({
    ...track,
    points: track.points.filter((point) => point[0] >= range.from && point[0] <= range.to),
  }));
});

/** No tracks are to be awaited any more: they are here, or there are none to come. */
export const tracksSettled = computed(() => {
  if (localFile.value) return true;
  const top = topTracks.value;
  const lines = tracksAnswer.value;
  if (timeline.value.problem || top.problem || lines.problem || lines.data) return true;
  return (
    fields.hidden.value.includes('tracks') ||
    (fields.top.value === 0 && fields.ids.value.length === 0) ||
    top.data?.data.length === 0
  );
});

export const animatedTracks = computed(() => tracks.value.filter(canAnimate));
export const focusTracks = computed(() => toTracks(focusAnswer.value.data));

/* ---- gaps and ports ---- */

export const MAX_GAPS = 500;
export const MAX_PORTS = 500;

export const gaps = ofMovers<Page<GapEvent>>(() => {
  const hidden = fields.hidden.value;
  const minGapHours = fields.minGapHours.value;
  const open = fields.open.value;
  const range = askedWindow.value;
  const box = mapBox.value;
  if (!onMap() || hidden.includes('gaps') || !range || !box || localFile.value) return null;
  return askMovers('/api/v1/events', '/gaps', {
    min_hours: minGapHours || null,
    ...range,
    bbox: formatBox(box),
    open: open === 'all' ? null : open === 'open',
    limit: MAX_GAPS,
  });
}, SETTLE_MS);

export const ports = resource<Page<Port>>(() => {
  const box = mapBox.value;
  if (!onMap() || fields.hidden.value.includes('ports') || !box || mapZoom.value < 5) return null;
  return apiPath('/api/v1/ports', { bbox: formatBox(box), limit: MAX_PORTS });
}, SETTLE_MS);

/* ---- the vessel of the panel ---- */

const oneMover = (ask: () => string | null) =>
  loaded<Vessel>(
    async (question, abort) => {
      const answer = await getJson<Vessel | Mover>(question, abort);
      const dataset = otherDataset.peek();
      return dataset ? vesselOf(answer as Mover, dataset) : (answer as Vessel);
    },
    ask,
    0,
    () => shownDataset.value,
  );

export const vessel = oneMover(() => vesselPath(fields.vessel.value, ''));
export const vesselDays = ofMovers<VesselDays>(() => vesselPath(fields.vessel.value, '/days'));
export const companion = oneMover(() => vesselPath(fields.companion.value, ''));

/** Only ships are compared with each other. */
export const companions = resource<CompanionsAnswer>(() =>
  isOfShips.value ? vesselPath(fields.vessel.value, '/companions') : null,
);

function vesselPath(id: string | null, rest: string, query: Query = {}): string | null {
  const part = `/${encodeURIComponent(id ?? '')}${rest}`;
  return id === null || !onMap() ? null : askMovers(`/api/v1/vessels${part}`, part, query);
}

export const vesselGaps = ofMovers<Page<GapEvent>>(() => {
  const id = fields.vessel.value;
  if (id === null || !onMap()) return null;
  return askMovers('/api/v1/events', '/gaps', { [isOfShips.value ? 'mmsi' : 'id']: id, limit: 200 });
});

/** The speeds of the plot: every fix of up to three days, beyond that of a line simplified to 50 m. */
function speedTrack(mmsi: string | null): string | null {
  const range = askedWindow.value;
  const bounds = timeWindow.value;
  if (mmsi === null || !range || !bounds || !onMap()) return null;
  const metres = bounds.to - bounds.from <= 3 * DAY ? 0 : 50;
  return vesselPath(mmsi, '/track', { ...range, tolerance_m: metres });
}

export const vesselTrack = ofMovers<TrackAnswer>(() => speedTrack(fields.vessel.value), SETTLE_MS);
export const companionTrack = ofMovers<TrackAnswer>(() => speedTrack(fields.companion.value), SETTLE_MS);

export type { ApiPoint };

/** The event of the address. It may lie outside of what the map has asked for, so the vessel's own list is looked at. */
export const event = computed<GapEvent | null>(() => {
  const id = fields.event.value;
  if (id === null) return null;
  const known = [...(gaps.value.data?.data ?? []), ...(vesselGaps.value.data?.data ?? [])];
  return known.find((one) => one.event_id === id) ?? null;
});

/* ---- the other pages ---- */

export const overview = resource<Overview>(() => (fields.page.value === 'map' ? null : apiPath('/api/v1/overview')));

export const tables = loaded<TableSummary[]>(
  async (path, abort) => (await getJson<{ tables: TableSummary[] }>(path, abort)).tables,
  () => (fields.page.value === 'tables' || sawAbsent.value ? apiPath('/api/v1/tables') : null),
);

/**
 * A lake with no positions, or one of whose positions nothing was made: then this is why answers are missing. Told by
 * what the tables hold and not by the words of an error.
 */
export const emptiness = computed<'empty' | 'unmade' | null>(() => {
  const list = tables.value.data;
  if (!list) {
    const figures = overview.value.data;
    const others = datasets.value.data?.some((one) => one.fixes) ?? false;
    return figures && !others && !figures.fixes && figures.sources?.count === 0 ? 'empty' : null;
  }
  const has = (layer: string) => list.some((one) => one.name.startsWith(layer) && one.snapshot_id !== null);
  if (!has('silver.')) return 'empty';
  return has('gold.') ? null : 'unmade';
});

export const table = resource<TableDetail>(() => {
  const page = fields.page.value;
  const name = fields.table.value;
  return page === 'tables' && name !== null ? apiPath(`/api/v1/tables/${encodeURIComponent(name)}`) : null;
});
