import type { Feature, FeatureCollection, Position } from 'geojson';
import type { GapEvent, Port } from '../api/types';
import { colourOf, hex, SPEED_CLASSES, speedClass } from '../pure/colour';
import { arc, type Box, type Place, splitAtAntimeridian } from '../pure/geo';
import { linesBySpeed, linesOf, standsAt, type Track } from '../pure/tracks';
import type { Colouring } from '../state/address';

type Properties = Record<string, string | number | boolean | null>;

export function collection(features: Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features };
}

function lines(parts: readonly (readonly Place[])[], properties: Properties): Feature {
  const coordinates = parts.map((part) => part.map((place): Position => [place[0], place[1]]));
  return { type: 'Feature', properties, geometry: { type: 'MultiLineString', coordinates } };
}

function point(lon: number, lat: number, properties: Properties): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lon, lat] } };
}

/** One feature per track, or one per track and class of speed. */
export function trackFeatures(tracks: readonly Track[], colouring: Colouring): Feature[] {
  return tracks.flatMap((track) => {
    const colour = hex(colourOf(track.id));
    return featuresOf(track, { mmsi: track.id, name: track.name }, colouring === 'vessel' ? { colour } : null);
  });
}

/** In one look (null: by speed). What has no length is a point. */
function featuresOf(track: Track, properties: Properties, look: Properties | null): Feature[] {
  const place = standsAt(track.points);
  if (!place) {
    return look ? [lines(linesOf(track.points), { ...properties, ...look })] : speedFeatures(track, properties);
  }
  const speed = track.points[track.points.length - 1]?.[3] ?? null;
  return [point(place[0], place[1], { ...properties, ...(look ?? { colour: classColour(speedClass(speed)) }) })];
}

function classColour(index: number): string {
  return hex(SPEED_CLASSES[index]?.colour ?? [0, 0, 0]);
}

function speedFeatures(track: Track, properties: Properties): Feature[] {
  const byClass = new Map<number, Place[][]>();
  for (const line of linesBySpeed(track.points, speedClass)) {
    const parts = byClass.get(line.speedClass) ?? [];
    parts.push(line.places);
    byClass.set(line.speedClass, parts);
  }
  return [...byClass].map(([index, parts]) => lines(parts, { ...properties, colour: classColour(index) }));
}

/** The vessel of the panel and its companion: each in its own colour, or both by speed. */
export function focusFeatures(tracks: readonly Track[], companion: string | null, colouring: Colouring): Feature[] {
  return tracks.flatMap((track) => {
    const properties = { mmsi: track.id, name: track.name, companion: track.id === companion };
    return featuresOf(track, properties, colouring === 'speed' ? null : {});
  });
}

/** Dashed bows from OFF to ON, and the two ends; of an open gap there is only the OFF. */
export function gapFeatures(gaps: readonly GapEvent[], chosen: string | null): { arcs: Feature[]; ends: Feature[] } {
  const arcs: Feature[] = [];
  const ends: Feature[] = [];
  for (const gap of gaps) {
    const properties = { event: gap.event_id, mmsi: gap.mmsi, chosen: gap.event_id === chosen };
    const { start_lon: fromLon, start_lat: fromLat, end_lon: toLon, end_lat: toLat } = gap;
    if (fromLon === null || fromLat === null) continue;
    ends.push(point(fromLon, fromLat, { ...properties, end: gap.is_closed ? 'off' : 'open' }));
    if (!gap.is_closed || toLon === null || toLat === null) continue;
    ends.push(point(toLon, toLat, { ...properties, end: 'on' }));
    arcs.push(lines(splitAtAntimeridian(arc([fromLon, fromLat], [toLon, toLat])), properties));
  }
  return { arcs, ends };
}

export function portFeatures(ports: readonly Port[]): Feature[] {
  return ports.map((port) => point(port.longitude, port.latitude, { name: port.port_name, port: port.port_id }));
}

export function boxFeatures(box: Box | null): Feature[] {
  if (!box) return [];
  const east = box.east < box.west ? box.east + 360 : box.east;
  const ring: Place[] = [
    [box.west, box.south],
    [east, box.south],
    [east, box.north],
    [box.west, box.north],
    [box.west, box.south],
  ];
  return [lines([ring], {})];
}
