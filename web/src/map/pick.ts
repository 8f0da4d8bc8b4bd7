import type { MapGeoJSONFeature, Map as MapLibre, MapMouseEvent } from 'maplibre-gl';
import type { LiveMover } from '../pure/fleet';
import { visible } from '../pure/visible';
import { boxTool } from '../state/camera';
import { gaps } from '../state/data';
import { go, localFile } from '../state/store';
import { hover } from './hover';

/** The uppermost first. */
const PICKED = ['gap-ends', 'gaps', 'ports', 'focus', 'focus-points', 'tracks', 'track-points', 'points', 'density'];
const REACH_PX = 5;

function under(map: MapLibre, { point }: MapMouseEvent): MapGeoJSONFeature | null {
  const layers = PICKED.filter((layer) => map.getLayer(layer));
  const found = map.queryRenderedFeatures(
    [
      [point.x - REACH_PX, point.y - REACH_PX],
      [point.x + REACH_PX, point.y + REACH_PX],
    ],
    { layers },
  );
  const rank = (feature: MapGeoJSONFeature) => PICKED.indexOf(feature.layer.id);
  return found.reduce<MapGeoJSONFeature | null>((best, one) => (best && rank(best) <= rank(one) ? best : one), null);
}

/** Tiles of other datasets than ships call it id. */
function idOf(feature: MapGeoJSONFeature): string | number | undefined {
  const { mmsi, id } = feature.properties as { mmsi?: string | number; id?: string | number };
  return mmsi ?? id;
}

function words(feature: MapGeoJSONFeature): string {
  const { name, count, sog, event } = feature.properties as Record<string, unknown>;
  const mmsi = idOf(feature);
  const vessel = visible(name ? `${name} (${mmsi})` : `${mmsi}`);
  switch (feature.layer.id) {
    case 'density':
      return `${Number(count).toLocaleString('en')} fixes in this cell`;
    case 'points':
      return typeof sog === 'number' ? `${vessel}, ${sog.toFixed(1)} kn` : vessel;
    case 'gaps':
    case 'gap-ends': {
      const gap = gaps.peek().data?.data.find((one) => one.event_id === event);
      const hours = gap?.duration_h;
      return `Gap of ${gap?.name ?? mmsi}${typeof hours === 'number' ? `, ${hours.toFixed(1)} h` : ''}`;
    }
    case 'ports':
      return `Port ${name}`;
    default:
      return vessel;
  }
}

function choose(feature: MapGeoJSONFeature): void {
  const { event } = feature.properties as { event?: string };
  const mmsi = idOf(feature);
  if (event !== undefined) go({ event, vessel: String(mmsi), companion: null });
  else if (mmsi !== undefined && localFile.peek() === null) go({ vessel: String(mmsi), event: null, companion: null });
}

function liveWords({ id, speedKn, time }: LiveMover): string {
  const speed = speedKn === null ? '' : `, ${speedKn.toFixed(1)} kn`;
  return `${visible(id)}${speed}, ${new Date(time).toISOString().slice(11, 19)} UTC`;
}

/** Whom live shows at a place of the map. */
type LiveAt = (point: { x: number; y: number }) => LiveMover | null;

/** What is told of the place under the pointer, and whether a click there opens something. */
function found(map: MapLibre, liveAt: LiveAt, pointer: MapMouseEvent): { text: string | null; opens: boolean } {
  const mover = liveAt(pointer.point);
  if (mover) return { text: liveWords(mover), opens: true };
  const feature = under(map, pointer);
  return { text: feature && words(feature), opens: feature !== null && feature.layer.id !== 'density' };
}

/** Says what is under the pointer and opens what is clicked; live lies above all. Returns how to stop. */
export function pick(map: MapLibre, liveAt: LiveAt): () => void {
  let frame = 0;
  const move = (pointer: MapMouseEvent) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (boxTool.peek() || map.isMoving()) return;
      const { text, opens } = found(map, liveAt, pointer);
      map.getCanvas().style.cursor = opens ? 'pointer' : '';
      hover.value = text ? { x: pointer.point.x, y: pointer.point.y, text } : null;
    });
  };
  const leave = () => {
    cancelAnimationFrame(frame);
    hover.value = null;
  };
  const click = (pointer: MapMouseEvent) => {
    const mover = liveAt(pointer.point);
    if (mover) {
      go({ vessel: mover.id, event: null, companion: null });
      return;
    }
    const feature = under(map, pointer);
    if (feature) choose(feature);
  };
  map.on('mousemove', move);
  map.on('mouseout', leave);
  map.on('movestart', leave);
  map.on('click', click);
  return () => {
    map.off('mousemove', move);
    map.off('mouseout', leave);
    map.off('movestart', leave);
    map.off('click', click);
  };
}
