import { computed, effect, signal } from '@preact/signals';
import {
  type GeoJSONSource,
  Map as MapLibre,
  Marker,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { FeatureCollection } from 'geojson';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { gone, Problem, problemFrom } from '../api/client';
import { authorization } from '../api/session';
import type { GapEvent } from '../api/types';
import { type Box, boxOf, normaliseLon, type Place, withoutOutliers } from '../pure/geo';
import { cameraWish } from '../state/camera';
import {
  animatedTracks,
  apiPath,
  askedWindow,
  event,
  focusTracks,
  gaps,
  mapBox,
  mapLat,
  mapZoom,
  playhead,
  ports,
  shownDataset,
  tilesPath,
  timeWindow,
  tracks,
  tracksSettled,
} from '../state/data';
import { fleet, isLive, liveFigures } from '../state/live';
import { attempts } from '../state/resource';
import { adjust, fields, localFile, view } from '../state/store';
import { reducedMotion, theme } from '../state/theme';
import { isOfThePage, tell } from '../state/trouble';
import { type BaseMap, loadBaseMap } from './basemap';
import { drawBoxes } from './box_tool';
import { boxFeatures, collection, focusFeatures, gapFeatures, portFeatures, trackFeatures } from './features';
import type { LiveLayer } from './live_layer';
import { PALETTES } from './palette';
import { pick } from './pick';
import { mapProblem, mapReady } from './status';
import { ABOVE_TRAFFIC, addLayers, colours, styleOf, trafficLayersOf } from './style';
import type { TripsOverlay } from './trips';

setWorkerUrl(workerUrl);

/** Of ships, and of other datasets. */
const isTile = (url: string) => url.startsWith(`${location.origin}/`) && /\/tiles\/[a-z]+\//.test(url);
const DETAIL_FROM_ZOOM = 5.5;
/** Of the newest open gaps only: more would be a flicker and no sign. */
const MAX_PULSES = 30;

/** The map and everything on it: follows the state, and tells the state where it was moved. */
export class MapView {
  /** It can be seen and moved. */
  readonly drawn: Promise<void>;
  readonly #map: MapLibre;
  readonly #stop: (() => void)[] = [];
  readonly #trips = signal<TripsOverlay | null>(null);
  readonly #prepared = computed(() => {
    const range = timeWindow.value;
    return range && this.#trips.value?.prepare(animatedTracks.value, fields.colouring.value, range.from);
  });
  readonly #live = signal<LiveLayer | null>(null);
  #frame = 0;
  #lostTiles = false;
  #hasCoarse = false;
  #hasFine = false;
  #pulses: Marker[] = [];
  #fitted: boolean;
  #dataset: string | null = null;

  constructor(container: HTMLElement) {
    const { centre, zoom } = view.peek();
    this.#fitted = centre !== null;
    this.#map = new MapLibre({
      container,
      style: styleOf(theme.peek()),
      center: centre ? [centre[0], centre[1]] : [-40, 25],
      zoom: zoom ?? 1.6,
      maxZoom: 18,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      boxZoom: false, // Shift and drag chooses tracks here
      attributionControl: { compact: true },
      fadeDuration: reducedMotion.peek() ? 0 : 200,
      transformRequest: (url) => (isTile(url) ? { url, headers: authorization() } : undefined),
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.#map.addControl(new ScaleControl({ unit: 'nautical' }), 'bottom-left');
    this.#map.getCanvas().setAttribute('aria-label', 'Map of the traffic. Arrow keys move it, plus and minus zoom.');
    // Told to everybody who waits for what was asked for to be drawn.
    const busy = (now: boolean) => container.setAttribute('aria-busy', String(now));
    busy(true);
    this.#map.on('dataloading', () => busy(true));
    this.#map.on('idle', () => busy(!mapReady.peek())); // the sea alone is not what was asked for
    this.#map.on('movestart', (move) => {
      if (move.originalEvent) this.#fitted = true; // the viewer was faster than the first tracks
    });
    this.#map.on('error', (problem) => {
      if ('sourceId' in problem && problem.sourceId === 'traffic') this.#lostTiles = true;
      this.#failed(problem.error);
    });
    this.drawn = new Promise((resolve) => this.#map.once('load', () => resolve()));
    this.#map.once('load', () => {
      performance.mark('map-interactive'); // read by bench/page.py
      this.#frame = requestAnimationFrame(() => this.#start()); // it can be moved; now what it shows
    });
  }

  /** After its place on the page came back or changed its size. */
  resize(): void {
    this.#map.resize();
  }

  remove(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stop) stop();
    this.#map.remove();
  }

  #start(): void {
    const map = this.#map;
    addLayers(map, theme.peek());
    map.on('moveend', () => this.#moved());
    mapReady.value = true;
    this.#stop.push(
      pick(map, (point) => this.#live.peek()?.at(point) ?? null),
      drawBoxes(map),
    );
    this.#follow(() => this.#paint());
    this.#follow(() => this.#turnTo(shownDataset.value));
    this.#follow(() => this.#moveTo());
    this.#follow(() => this.#obeyWish());
    this.#follow(() => this.#showTraffic());
    this.#follow(() => this.#showTracks());
    this.#follow(() => this.#showFocus());
    this.#follow(() => this.#showGaps());
    this.#follow(() => this.#showPorts());
    this.#follow(() => this.#set('box', collection(boxFeatures(fields.box.value))));
    this.#follow(() => this.#wantTrips());
    this.#follow(() => this.#showMoment());
    this.#follow(() => this.#wantLive());
    this.#follow(() => this.#fitLive());
    this.#moved();
  }

  #follow(what: () => void): void {
    this.#stop.push(effect(what));
  }

  #set(source: string, data: FeatureCollection): void {
    this.#map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  #failed(problem: unknown): void {
    void problemOf(problem).then((known) => {
      tell(known);
      if (!isOfThePage(known)) mapProblem.value = [known.message, known.hint].filter(Boolean).join(' ');
    });
  }

  #moved(): void {
    const { lng, lat } = this.#map.getCenter();
    const zoom = this.#map.getZoom();
    if (this.#fitted) {
      // Before, the map shows the whole world, which nobody asked to see.
      mapBox.value = this.#bounds();
      mapZoom.value = zoom;
      mapLat.value = lat;
      adjust({ centre: [normaliseLon(lng), lat], zoom });
    }
    void this.#showBase(zoom >= DETAIL_FROM_ZOOM);
  }

  #bounds(): Box {
    const bounds = this.#map.getBounds();
    const wide = bounds.getEast() - bounds.getWest() >= 360;
    return {
      west: wide ? -180 : normaliseLon(bounds.getWest()),
      south: Math.max(-90, bounds.getSouth()),
      east: wide ? 180 : normaliseLon(bounds.getEast()),
      north: Math.min(90, bounds.getNorth()),
    };
  }

  /** The coarse shore first in any case: it is small, and the fine one takes its place when it is here. */
  async #showBase(fine: boolean): Promise<void> {
    try {
      if (!this.#hasCoarse) {
        this.#hasCoarse = true;
        this.#setBase(await loadBaseMap('50m'));
      }
      if (fine && !this.#hasFine) {
        this.#hasFine = true;
        this.#setBase(await loadBaseMap('10m'));
      }
    } catch (problem) {
      this.#failed(problem);
    }
  }

  #setBase(base: BaseMap): void {
    this.#set('land', base.land);
    this.#set('borders', collection([base.borders]));
    this.#set('labels', base.labels);
  }

  #paint(): void {
    for (const [layer, properties] of Object.entries(colours(PALETTES[theme.value]))) {
      if (!this.#map.getLayer(layer)) continue;
      for (const [name, value] of Object.entries(properties)) {
        this.#map.setPaintProperty(layer, name as 'fill-color', value as string);
      }
    }
  }

  /** The movers of another dataset are elsewhere: the map goes to their tracks, unless the address says where to. */
  #turnTo(dataset: string): void {
    if (this.#dataset !== null && this.#dataset !== dataset) this.#fitted = fields.centre.peek() !== null;
    this.#dataset = dataset;
  }

  /** Follows the address: the back button, a pasted link. */
  #moveTo(): void {
    const centre = fields.centre.value;
    const zoom = fields.zoom.value;
    if (!centre) return;
    this.#fitted = true;
    const here = this.#map.getCenter();
    const near = Math.abs(normaliseLon(here.lng) - centre[0]) < 1e-3 && Math.abs(here.lat - centre[1]) < 1e-3;
    const sameZoom = zoom === null || Math.abs(this.#map.getZoom() - zoom) < 0.01;
    if (near && sameZoom) return;
    if (this.#map.isMoving()) return; // the viewer is moving it and the state follows
    this.#map.jumpTo({ center: [centre[0], centre[1]], ...(zoom === null ? {} : { zoom }) });
  }

  #obeyWish(): void {
    const wish = cameraWish.value;
    if (!wish) return;
    cameraWish.value = null;
    this.#fitted = true;
    const animate = !reducedMotion.peek();
    if ('box' in wish) this.#fit(wish.box, animate);
    else this.#map.easeTo({ center: [wish.centre[0], wish.centre[1]], zoom: wish.zoom, animate });
  }

  #fit(box: Box, animate: boolean): void {
    const east = box.east < box.west ? box.east + 360 : box.east;
    this.#map.fitBounds([box.west, box.south, east, box.north], { padding: 48, maxZoom: 12, animate });
  }

  #showTraffic(): void {
    const range = askedWindow.value;
    const hidden = fields.hidden.value.includes('traffic') || localFile.value !== null;
    // Not through URLSearchParams as a whole: it would escape the braces which MapLibre fills in.
    void attempts.value; // tiles that failed are asked for again with everything else
    const begin = tilesPath.value;
    if (range && begin !== null) {
      this.#askTiles(`${location.origin}${begin}/traffic/{z}/{x}/{y}${apiPath('', range)}`);
    }
    for (const layer of ['density', 'points']) {
      if (this.#map.getLayer(layer)) this.#map.setLayoutProperty(layer, 'visibility', hidden ? 'none' : 'visible');
    }
  }

  #askTiles(url: string): void {
    const map = this.#map;
    // The map never asks again for a tile that failed, not for another address either: what has such tiles is made anew.
    if (this.#lostTiles && map.getSource('traffic')) {
      for (const { id } of trafficLayersOf(theme.peek())) map.removeLayer(id);
      map.removeSource('traffic');
    }
    this.#lostTiles = false;
    const source = map.getSource('traffic') as { setTiles?: (tiles: string[]) => void; tiles?: string[] } | undefined;
    if (!source) {
      map.addSource('traffic', { type: 'vector', tiles: [url], minzoom: 0, maxzoom: 14 });
      for (const layer of trafficLayersOf(theme.peek())) map.addLayer(layer, ABOVE_TRAFFIC);
    } else if (source.tiles?.[0] !== url) {
      source.setTiles?.([url]);
    }
  }

  #showTracks(): void {
    const shown = tracks.value;
    this.#set('tracks', collection(trackFeatures(shown, fields.colouring.value)));
    const opacity = fields.mode.value === 'animated' ? 0.2 : 200 / 255;
    this.#map.setPaintProperty('tracks', 'line-opacity', opacity);
    this.#map.setPaintProperty('track-points', 'circle-opacity', opacity);
    if (this.#fitted || !tracksSettled.value || (shown.length === 0 && isLive.value)) return;
    this.#fitted = true;
    const places = shown.flatMap((track) => track.points.map((point): Place => [point[1], point[2]]));
    const box = boxOf(withoutOutliers(places));
    if (box) this.#fit(box, false);
    else this.#moved();
  }

  #showFocus(): void {
    const companion = fields.companion.value;
    const colouring = fields.colouring.value;
    this.#set('focus', collection(focusFeatures(focusTracks.value, companion, colouring)));
  }

  #showGaps(): void {
    const known = gaps.value.data?.data ?? [];
    const chosen = event.value;
    const all = chosen && !known.some((gap) => gap.event_id === chosen.event_id) ? [...known, chosen] : known;
    const features = gapFeatures(all, fields.event.value);
    this.#set('gaps', collection(features.arcs));
    this.#set('gap_ends', collection(features.ends));
    this.#showPulses(all.filter((gap) => !gap.is_closed));
  }

  /** Elements and not a layer: the browser animates them without drawing the map again. */
  #showPulses(open: readonly GapEvent[]): void {
    for (const pulse of this.#pulses) pulse.remove();
    this.#pulses = open.slice(0, MAX_PULSES).flatMap((gap) => {
      if (gap.start_lon === null || gap.start_lat === null) return [];
      const element = document.createElement('div');
      element.className = 'pulse';
      element.setAttribute('aria-hidden', 'true');
      element.append(document.createElement('span'));
      return [new Marker({ element }).setLngLat([gap.start_lon, gap.start_lat]).addTo(this.#map)];
    });
  }

  #showPorts(): void {
    this.#set('ports', collection(portFeatures(ports.value.data?.data ?? [])));
  }

  /** The animation is a part of the program of its own, which is loaded when it is first wanted. */
  #wantTrips(): void {
    if (fields.mode.value === 'animated') {
      if (!this.#trips.peek()) void this.#loadTrips();
    } else {
      this.#trips.peek()?.remove();
      this.#trips.value = null;
    }
  }

  async #loadTrips(): Promise<void> {
    try {
      const { TripsOverlay } = await import('./trips').catch(() => {
        throw gone();
      });
      if (view.peek().mode === 'animated' && !this.#trips.peek()) this.#trips.value = new TripsOverlay(this.#map);
    } catch (problem) {
      this.#failed(problem);
    }
  }

  /** As the animation: a part of its own. */
  #wantLive(): void {
    if (isLive.value) {
      void this.#loadLive();
    } else {
      this.#live.peek()?.remove();
      this.#live.value = null;
    }
  }

  async #loadLive(): Promise<void> {
    try {
      const { LiveLayer } = await import('./live_layer').catch(() => {
        throw gone();
      });
      if (isLive.peek() && !this.#live.peek()) this.#live.value = new LiveLayer(this.#map);
    } catch (problem) {
      this.#failed(problem);
    }
  }

  /** In a lake of which nothing was made yet there are no tracks to go to. */
  #fitLive(): void {
    if (liveFigures.value.movers === 0 || this.#fitted || !tracksSettled.value || tracks.value.length > 0) return;
    this.#fitted = true;
    const box = boxOf(withoutOutliers([...fleet.movers.values()].map((mover) => mover.place)));
    if (box) this.#fit(box, false);
  }

  #showMoment(): void {
    const trailMin = fields.trailMin.value;
    const vessel = fields.vessel.value;
    const companion = fields.companion.value;
    const at = playhead.value;
    const prepared = this.#prepared.value;
    if (at !== null && prepared) {
      this.#trips.value?.show(prepared, at, trailMin, (id) => id === vessel || id === companion);
    }
  }
}

/** What is the matter with the map: of a tile that was refused in the server's own words. */
async function problemOf(problem: unknown): Promise<Problem> {
  if (problem instanceof Problem) return problem;
  if (typeof problem === 'object' && problem !== null && 'status' in problem && 'body' in problem) {
    const { status, body } = problem;
    if (status === 0) return gone();
    if (typeof status === 'number' && body instanceof Blob) return problemFrom(status, '', await body.text());
  }
  return new Problem(problem instanceof Error ? problem.message : String(problem));
}
