import { render } from 'preact';
import { App, loadMap } from './app';
import { mapOpened } from './state/store';
import './ui/style.css';

if (mapOpened.value) loadMap().catch(() => undefined); // told by the page when it wants the map
const root = document.getElementById('app');
if (root) render(<App />, root);
