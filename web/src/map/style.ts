import type {
  DataDrivenPropertyValueSpecification,
  FilterSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  Map as MapLibre,
  StyleSpecification,
} from 'maplibre-gl';
import type { Theme } from '../state/theme';
import { PALETTES, type Palette } from './palette';

const FONT = ['DejaVu Sans'];

const EMPTY: GeoJSONSourceSpecification = { type: 'geojson', data: { type: 'FeatureCollection', features: [] } };

const SOURCES = ['borders', 'labels', 'box', 'ports', 'tracks', 'focus', 'gaps', 'gap_ends'];

/** The sea alone, so that the map can be moved before its workers have started. `glyphs` is left out: labels use local fonts. */
export function styleOf(theme: Theme): StyleSpecification {
  return { version: 8, sources: {}, layers: painted([{ id: 'sea', type: 'background' }], PALETTES[theme]) };
}

/** All that the map shows, still empty; colours follow the theme: see colours(). */
export function addLayers(map: MapLibre, theme: Theme): void {
  map.addSource('land', { ...EMPTY, attribution: 'Base map: Natural Earth' });
  for (const source of SOURCES) map.addSource(source, EMPTY);
  const plain = [...baseLayers(), ...trackLayers(), ...gapLayers(), ...labelLayers()];
  for (const layer of painted(plain, PALETTES[theme])) map.addLayer(layer);
}

function painted(plain: readonly LayerSpecification[], palette: Palette): LayerSpecification[] {
  const byLayer = colours(palette);
  return plain.map((layer) => ({ ...layer, paint: { ...layer.paint, ...byLayer[layer.id] } }) as LayerSpecification);
}

/** The traffic is added below these once the time is known that its tiles are asked for. */
export const ABOVE_TRAFFIC = 'box';

export function trafficLayersOf(theme: Theme): LayerSpecification[] {
  return painted(trafficLayers(), PALETTES[theme]);
}

function baseLayers(): LayerSpecification[] {
  return [
    { id: 'land', type: 'fill', source: 'land' },
    {
      id: 'coast',
      type: 'line',
      source: 'land',
      paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.5, 8, 1.2] },
    },
    { id: 'borders', type: 'line', source: 'borders', paint: { 'line-width': 0.8, 'line-dasharray': [3, 2] } },
  ];
}

function trafficLayers(): LayerSpecification[] {
  return [
    {
      id: 'density',
      type: 'fill',
      source: 'traffic',
      'source-layer': 'density',
      paint: { 'fill-opacity': 0.6, 'fill-antialias': false },
    },
    {
      id: 'points',
      type: 'circle',
      source: 'traffic',
      'source-layer': 'points',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 1.2, 14, 3.5],
        'circle-opacity': 0.55,
      },
    },
  ];
}

/** The corners of lines are none. */
const IS_POINT: FilterSpecification = ['==', ['geometry-type'], 'Point'];
const POINT_RADIUS: DataDrivenPropertyValueSpecification<number> = ['interpolate', ['linear'], ['zoom'], 3, 2.5, 10, 5];

function trackLayers(): LayerSpecification[] {
  const width = ['interpolate', ['linear'], ['zoom'], 3, 1.2, 10, 2.2];
  return [
    { id: 'box', type: 'line', source: 'box', paint: { 'line-width': 1.5, 'line-dasharray': [2, 2] } },
    {
      id: 'tracks',
      type: 'line',
      source: 'tracks',
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': ['get', 'colour'], 'line-width': width as never, 'line-opacity': 200 / 255 },
    },
    {
      id: 'track-points',
      type: 'circle',
      source: 'tracks',
      filter: IS_POINT,
      paint: { 'circle-radius': POINT_RADIUS, 'circle-color': ['get', 'colour'], 'circle-stroke-width': 1 },
    },
    {
      id: 'focus-casing',
      type: 'line',
      source: 'focus',
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-width': 6 },
    },
    {
      id: 'focus',
      type: 'line',
      source: 'focus',
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-width': 3 },
    },
    {
      id: 'focus-points',
      type: 'circle',
      source: 'focus',
      filter: IS_POINT,
      paint: { 'circle-radius': POINT_RADIUS, 'circle-stroke-width': 2.5 },
    },
  ];
}

function gapLayers(): LayerSpecification[] {
  const chosen = ['boolean', ['get', 'chosen'], false];
  const byChoice = (greater: number, usual: number) => ['case', chosen, greater, usual];
  return [
    {
      id: 'gaps',
      type: 'line',
      source: 'gaps',
      layout: { 'line-cap': 'butt' },
      paint: {
        'line-width': ['case', chosen, 4, 1.5] as never,
        'line-opacity': ['case', chosen, 1, 0.7] as never,
        'line-dasharray': [3, 2],
      },
    },
    {
      id: 'gap-ends',
      type: 'circle',
      source: 'gap_ends',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 3, byChoice(5, 2), 9, byChoice(7, 4)] as never,
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 3, 1, 9, 1.8],
      },
    },
  ];
}

function labelLayers(): LayerSpecification[] {
  return [
    {
      id: 'ports',
      type: 'circle',
      source: 'ports',
      minzoom: 5,
      paint: { 'circle-radius': 3, 'circle-stroke-width': 1.2 },
    },
    {
      id: 'port-labels',
      type: 'symbol',
      source: 'ports',
      minzoom: 7,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': FONT,
        'text-size': 11,
        'text-offset': [0, 1],
        'text-anchor': 'top',
      },
      paint: { 'text-halo-width': 1.4 },
    },
    {
      id: 'countries',
      type: 'symbol',
      source: 'labels',
      maxzoom: 8,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 1, 9, 6, 14],
        'text-max-width': 7,
        'text-padding': 6,
        'symbol-sort-key': ['-', 0, ['get', 'size']],
      },
      paint: { 'text-halo-width': 1.4 },
    },
  ];
}

type Paint = Record<string, unknown>;

/** Layer → the properties that depend on the theme; set again when it changes. */
export function colours(palette: Palette): Record<string, Paint> {
  const [c0, c1, c2, c3, c4] = palette.density;
  const text = { 'text-color': palette.label, 'text-halo-color': palette.halo };
  const focus = ['case', ['get', 'companion'], palette.companion, palette.focus];
  return {
    sea: { 'background-color': palette.sea },
    land: { 'fill-color': palette.land },
    coast: { 'line-color': palette.coast },
    borders: { 'line-color': palette.border },
    density: {
      'fill-color': [
        'interpolate',
        ['linear'],
        ['log10', ['max', 1, ['get', 'count']]],
        0,
        c0,
        1,
        c1,
        2,
        c2,
        3,
        c3,
        5,
        c4,
      ],
    },
    points: { 'circle-color': palette.point },
    'focus-casing': { 'line-color': palette.casing },
    focus: { 'line-color': ['coalesce', ['get', 'colour'], focus] },
    'track-points': { 'circle-stroke-color': palette.casing },
    'focus-points': {
      'circle-color': ['coalesce', ['get', 'colour'], focus],
      'circle-stroke-color': palette.casing,
    },
    gaps: { 'line-color': palette.gap },
    box: { 'line-color': palette.focus },
    'gap-ends': {
      'circle-color': ['match', ['get', 'end'], 'on', palette.gap, palette.casing],
      'circle-stroke-color': ['match', ['get', 'end'], 'open', palette.openGap, palette.gap],
    },
    ports: { 'circle-color': palette.halo, 'circle-stroke-color': palette.port },
    'port-labels': { ...text, 'text-color': palette.port },
    countries: text,
  };
}
