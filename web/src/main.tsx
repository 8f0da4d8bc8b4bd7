import { render } from 'preact';
import { App, loadMap } from './app';
import { mapOpened } from './state/store';
import './ui/style.css';

/** The page waits so long for its map: painting both at once is quicker than one after the other. */
const TOGETHER_MS = 150;

// What goes wrong is told by the page when it wants the map.
if (mapOpened.value) {
  const map = loadMap().catch(() => undefined);
  await Promise.race([map, new Promise((resolve) => setTimeout(resolve, TOGETHER_MS))]);
}
const root = document.getElementById('app');
if (root) render(<App />, root);
