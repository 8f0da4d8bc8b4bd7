import type { Dataset, LastPosition, Mover, Vessel } from './types';

/** The dataset whose movers the routes of vessels tell of; every other one has routes of its own, of the same shape. */
export const SHIPS = 'ais';

/** What a knot is in each unit of speed. */
const KNOT: Readonly<Record<string, number>> = {
  kn: 1,
  'km/h': 1.852,
  'm/s': 1.852 / 3.6,
  mph: 1.852 / 1.609344,
  'ft/s': 1.852 / 1.09728,
};

/** How many of a unit of speed a knot is; 1 where it is none. */
export function knotIn(unit: string): number {
  return KNOT[unit] ?? 1;
}

type Row = Record<string, unknown>;

/**
 * An answer of the routes of other datasets as one of those of vessels: ids are called mmsi, nobody has a name, speeds
 * are in knots.
 */
export function asOfVessels(answer: unknown, dataset: Dataset): unknown {
  if (Array.isArray(answer)) return answer.map((one) => asOfVessels(one, dataset));
  if (typeof answer !== 'object' || answer === null) return answer;
  const { id, ...rest } = answer as Row;
  const made: Row = id === undefined ? rest : { mmsi: id, name: null, ...rest };
  for (const list of ['data', 'tracks']) {
    if (Array.isArray(made[list])) made[list] = asOfVessels(made[list], dataset);
  }
  if (Array.isArray(made.points)) made.points = inKnots(made.points as (number | null)[][], dataset);
  return made;
}

function inKnots(points: readonly (number | null)[][], dataset: Dataset): (number | null)[][] {
  const knot = knotIn(dataset.speed_unit ?? '');
  return points.map(([time = null, lon = null, lat = null, speed = null]) => [
    time,
    lon,
    lat,
    speed === null ? null : speed / knot,
  ]);
}

/** What is known of a mover, for the panel of a vessel: what only ships tell is not known, and the rest stands by name. */
export function vesselOf(mover: Mover, dataset: Dataset): Vessel {
  const { timestamp, latitude, longitude, ...told } = mover.last_position;
  const speed = dataset.speed === null ? null : told[dataset.speed];
  const last: LastPosition | null =
    typeof timestamp === 'string' && typeof latitude === 'number' && typeof longitude === 'number'
      ? {
          timestamp,
          latitude,
          longitude,
          speed: typeof speed === 'number' ? speed / knotIn(dataset.speed_unit ?? '') : null,
          course: null,
          heading: null,
          status: null,
          nearest_port: null,
          distance_to_port: null,
          speed_category: null,
        }
      : null;
  const columns = [...dataset.measures, ...dataset.columns];
  return {
    ...NOBODY,
    mmsi: mover.id,
    first_seen: mover.first_seen,
    last_seen: mover.last_seen,
    days_seen: mover.days_seen,
    fixes: mover.fixes,
    gaps: mover.gaps,
    last_position: last,
    told: Object.entries(told).map(([name, value]) => {
      const unit = columns.find((one) => one.name === name)?.unit ?? '';
      return { name, value: value === null ? '–' : `${value}${unit === '' ? '' : ` ${unit}`}` };
    }),
  };
}

const NOBODY = {
  name: null,
  names: null,
  callsign: null,
  callsigns: null,
  imo: null,
  imos: null,
  flag: null,
  flag_country: null,
  vessel_type: null,
  vessel_type_name: null,
  length: null,
  width: null,
  draft: null,
  transceiver: null,
} as const;
