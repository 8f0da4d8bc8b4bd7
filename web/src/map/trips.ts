import { TripsLayer } from '@deck.gl/geo-layers';
import { ScatterplotLayer } from '@deck.gl/layers';
import { MapLibreOverlay } from '@deck.gl/maplibre';
import type { Map as MapLibre } from 'maplibre-gl';
import { colourOf, type Rgb, SPEED_CLASSES, speedClass, TRACK_ALPHA } from '../pure/colour';
import type { Place } from '../pure/geo';
import { positionAt, type Track, unrolled } from '../pure/tracks';
import type { Colouring } from '../state/address';

type Rgba = [number, number, number, number];

interface Trip {
  track: Track;
  path: [number, number][];
  /** Seconds since the beginning of the window: single precision on the graphics card would not do for ms since 1970. */
  times: number[];
  colour: Rgba | Rgba[];
}

/** Made ready for drawing; times count from `origin`. */
export interface Trips {
  trips: Trip[];
  origin: number;
}

interface Head {
  place: Place;
  colour: Rgba;
  id: string;
}

/** Animated tracks: trails that fade behind each vessel. Loaded only when asked for. */
export class TripsOverlay {
  readonly #overlay = new MapLibreOverlay({ interleaved: false, layers: [] });
  readonly #map: MapLibre;

  constructor(map: MapLibre) {
    this.#map = map;
    map.addControl(this.#overlay);
  }

  remove(): void {
    this.#map.removeControl(this.#overlay);
  }

  /** The same trips must be given as long as nothing but the moment changes: the graphics card keeps their lines. */
  prepare(tracks: readonly Track[], colouring: Colouring, origin: number): Trips {
    const trips = tracks.map((track) => ({
      track,
      path: unrolled(track.points).map(([lon, lat]): [number, number] => [lon, lat]),
      times: track.points.map((point) => (point[0] - origin) / 1000),
      colour: colouring === 'vessel' ? rgba(colourOf(track.id)) : track.points.map((point) => ofSpeed(point[3])),
    }));
    return { trips, origin };
  }

  /** Shows the time `at` (ms) with trails of this length. */
  show({ trips, origin }: Trips, at: number, trailMin: number, inFocus: (id: string) => boolean): void {
    const heads = trips.flatMap((trip): Head[] => {
      const place = positionAt(trip.track.points, at);
      const colour = rgba(colourOf(trip.track.id), 255);
      return place ? [{ place, colour, id: trip.track.id }] : [];
    });
    this.#overlay.setProps({
      layers: [
        new TripsLayer<Trip>({
          id: 'trips',
          data: trips,
          getPath: (trip) => trip.path,
          getTimestamps: (trip) => trip.times,
          getColor: (trip) => trip.colour as Rgba,
          widthUnits: 'pixels',
          getWidth: 3,
          capRounded: true,
          jointRounded: true,
          fadeTrail: true,
          trailLength: trailMin * 60,
          currentTime: (at - origin) / 1000,
        }),
        new ScatterplotLayer<Head>({
          id: 'heads',
          data: heads,
          getPosition: (head) => [head.place[0], head.place[1]],
          getFillColor: (head) => head.colour,
          getLineColor: [255, 255, 255, 230],
          stroked: true,
          lineWidthUnits: 'pixels',
          getLineWidth: (head) => (inFocus(head.id) ? 3 : 1),
          radiusUnits: 'pixels',
          getRadius: (head) => (inFocus(head.id) ? 6 : 4),
        }),
      ],
    });
  }
}

function rgba([red, green, blue]: Rgb, alpha: number = TRACK_ALPHA): Rgba {
  return [red, green, blue, alpha];
}

function ofSpeed(speedKn: number | null): Rgba {
  return rgba(SPEED_CLASSES[speedClass(speedKn)]?.colour ?? [0, 0, 0]);
}
