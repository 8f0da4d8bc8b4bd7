import type { Feature, Geometry, Position } from 'geojson';
import { unrollLon } from './geo';

/**
 * Makes the longitudes of a base map continuous. Its rings cross 180° with a jump to -180°, which would be drawn as a
 * line around the world; continued past 180° the map draws them where they belong.
 */
export function unrollGeometry(geometry: Geometry): Geometry {
  switch (geometry.type) {
    case 'Polygon':
      return { ...geometry, coordinates: unrollPolygon(geometry.coordinates) };
    case 'MultiPolygon':
      return { ...geometry, coordinates: geometry.coordinates.map(unrollPolygon) };
    case 'LineString':
      return { ...geometry, coordinates: unrollLine(geometry.coordinates, geometry.coordinates[0]?.[0] ?? 0) };
    case 'MultiLineString':
      return { ...geometry, coordinates: geometry.coordinates.map((line) => unrollLine(line, line[0]?.[0] ?? 0)) };
    case 'GeometryCollection':
      return { ...geometry, geometries: geometry.geometries.map(unrollGeometry) };
    default:
      return geometry;
  }
}

export function unrollFeature(feature: Feature): Feature {
  return { ...feature, geometry: unrollGeometry(feature.geometry) };
}

function unrollLine(line: readonly Position[], near: number): Position[] {
  let last = near;
  return line.map(([lon = 0, lat = 0]): Position => {
    last = unrollLon(lon, last);
    return [last, lat];
  });
}

/** Holes stay near the outer ring. */
function unrollPolygon(rings: readonly Position[][]): Position[][] {
  const near = rings[0]?.[0]?.[0] ?? 0;
  return rings.map((ring) => closeAtPole(unrollLine(ring, near)));
}

/** A ring that goes once around the globe encloses a pole: it is closed along it. */
function closeAtPole(ring: Position[]): Position[] {
  const [firstLon = 0, firstLat = 0] = ring[0] ?? [];
  const [lastLon = 0] = ring[ring.length - 1] ?? [];
  if (Math.abs(lastLon - firstLon) < 180) return ring;
  const pole = firstLat < 0 ? -90 : 90;
  return [...ring, [lastLon, pole], [firstLon, pole], [firstLon, firstLat]];
}
