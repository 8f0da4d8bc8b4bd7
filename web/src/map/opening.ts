import type { MapView } from './map_view';
import { mapProblem } from './status';

/** The page waits so long for the program of its map, which may come over a slow line. */
const PROGRAM_MS = 150;
/** And so long for its first picture; a page in the background draws none. */
const PICTURE_MS = 500;

/** What the map is drawn on. It has a place on the page of its own until the page has made one for it. */
const element = document.createElement('div');
element.className = 'map';
const opening = document.createElement('div');
opening.className = 'opening';

let map: Promise<MapView | null> | null = null;

function loadMap(): Promise<MapView | null> {
  map ??= import('./map_view')
    .then(({ MapView }) => new MapView(element))
    .catch((cause: unknown) => {
      mapProblem.value = `The map could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`;
      return null;
    });
  return map;
}

const after = (ms: number) => new Promise<null>((resolve) => setTimeout(resolve, ms, null));

/** The map before all else: it can be moved while the rest of the page is made. */
export async function openMap(): Promise<void> {
  opening.append(element);
  document.body.append(opening);
  const view = await Promise.race([loadMap(), after(PROGRAM_MS)]);
  if (view) await Promise.race([view.drawn, after(PICTURE_MS)]);
}

/** Puts the map where the page wants it. */
export function showMap(place: HTMLElement): void {
  if (element.parentElement !== place) place.append(element);
  opening.remove();
  void loadMap().then((view) => view?.resize());
}
