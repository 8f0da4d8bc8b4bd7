import type { Feature, FeatureCollection, Position } from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import countries10Url from 'world-atlas/countries-10m.json?url';
import countries50Url from 'world-atlas/countries-50m.json?url';

import { gone } from '../api/client';
import { unrollFeature, unrollGeometry } from '../pure/rings';

type Countries = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>;

export interface BaseMap {
  land: FeatureCollection;
  borders: Feature;
  labels: FeatureCollection;
}

/** Natural Earth at 1:50 m for the world, at 1:10 m nearer by: crude at a harbour, but with no outside request. */
export async function loadBaseMap(detail: '50m' | '10m'): Promise<BaseMap> {
  const response = await fetch(detail === '50m' ? countries50Url : countries10Url).catch(() => {
    throw gone();
  });
  if (!response.ok) throw new Error(`The base map could not be loaded: ${response.status}.`);
  const topology = (await response.json()) as Countries;
  const { countries, land } = topology.objects;
  const shores: Feature[] = feature(topology, land).features;
  const lines = unrollGeometry(mesh(topology, countries, (a, b) => a !== b));
  return {
    land: { type: 'FeatureCollection', features: shores.map(unrollFeature) },
    borders: { type: 'Feature', properties: {}, geometry: lines },
    labels: labelPoints(feature(topology, countries).features.map(unrollFeature)),
  };
}

/** One label per country, in the middle of its greatest part; far islands would otherwise repeat the name. */
export function labelPoints(countries: readonly Feature[]): FeatureCollection {
  const features: Feature[] = [];
  for (const country of countries) {
    const greatest = greatestRing(country);
    if (!greatest) continue;
    features.push({
      type: 'Feature',
      properties: { name: country.properties?.name ?? '', size: greatest.area },
      geometry: { type: 'Point', coordinates: greatest.middle },
    });
  }
  return { type: 'FeatureCollection', features };
}

function greatestRing(country: Feature): { area: number; middle: Position } | null {
  const { geometry } = country;
  const rings =
    geometry?.type === 'Polygon'
      ? [geometry.coordinates[0]]
      : geometry?.type === 'MultiPolygon'
        ? geometry.coordinates.map((polygon) => polygon[0])
        : [];
  let best: { area: number; middle: Position } | null = null;
  for (const ring of rings) {
    const measured = ring ? measure(ring) : null;
    if (measured && (!best || measured.area > best.area)) best = measured;
  }
  return best;
}

/** Area in square degrees and centroid of a ring (the shoelace formula). */
function measure(ring: Position[]): { area: number; middle: Position } | null {
  let sum = 0;
  let x = 0;
  let y = 0;
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? [];
    const [bx = 0, by = 0] = ring[i] ?? [];
    const cross = ax * by - bx * ay;
    sum += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return sum === 0 ? null : { area: Math.abs(sum / 2), middle: [x / (3 * sum), y / (3 * sum)] };
}
