import { readFileSync } from 'node:fs';
import type { Feature, Geometry, Position } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { describe, expect, it } from 'vitest';
import { unrollGeometry } from '../src/pure/rings';

function longestStep(geometry: Geometry): number {
  if (geometry.type === 'GeometryCollection') return Math.max(...geometry.geometries.map(longestStep));
  const lists: Position[][] =
    geometry.type === 'MultiPolygon'
      ? geometry.coordinates.flat()
      : geometry.type === 'Polygon'
        ? geometry.coordinates
        : [];
  let longest = 0;
  for (const ring of lists) {
    for (let i = 1; i < ring.length; i++) {
      const [lon = 0, lat = 0] = ring[i] ?? [];
      const [before = 0] = ring[i - 1] ?? [];
      if (Math.abs(lat) < 90) longest = Math.max(longest, Math.abs(lon - before));
    }
  }
  return longest;
}

describe('rings of the base map', () => {
  it('do not jump around the world at 180°', () => {
    const url = new URL('../node_modules/world-atlas/countries-50m.json', import.meta.url);
    const topology = JSON.parse(readFileSync(url, 'utf8')) as Topology<{ land: GeometryCollection }>;
    const land = feature(topology, topology.objects.land);
    const geometries = land.features.map((one: Feature) => one.geometry);
    expect(Math.max(...geometries.map(longestStep))).toBeGreaterThan(300);
    expect(Math.max(...geometries.map(unrollGeometry).map(longestStep))).toBeLessThan(30);
  });

  it('keep holes beside their ring', () => {
    const ring: Position[] = [
      [170, 0],
      [-170, 0],
      [-170, 10],
      [170, 10],
      [170, 0],
    ];
    const hole: Position[] = [
      [-179, 2],
      [-178, 2],
      [-178, 3],
      [-179, 2],
    ];
    const found = unrollGeometry({ type: 'Polygon', coordinates: [ring, hole] });
    expect(found).toEqual({
      type: 'Polygon',
      coordinates: [
        [
          [170, 0],
          [190, 0],
          [190, 10],
          [170, 10],
          [170, 0],
        ],
        [
          [181, 2],
          [182, 2],
          [182, 3],
          [181, 2],
        ],
      ],
    });
  });

  it('around a pole are closed along it', () => {
    const ring: Position[] = [
      [-180, -70],
      [-60, -70],
      [60, -70],
      [180, -70],
    ];
    expect(unrollGeometry({ type: 'Polygon', coordinates: [ring] })).toEqual({
      type: 'Polygon',
      coordinates: [[...ring, [180, -90], [-180, -90], [-180, -70]]],
    });
  });

  it('lines go on, points stay', () => {
    expect(
      unrollGeometry({
        type: 'LineString',
        coordinates: [
          [179, 0],
          [-179, 1],
        ],
      }),
    ).toEqual({
      type: 'LineString',
      coordinates: [
        [179, 0],
        [181, 1],
      ],
    });
    expect(unrollGeometry({ type: 'Point', coordinates: [1, 2] })).toEqual({ type: 'Point', coordinates: [1, 2] });
  });
});
