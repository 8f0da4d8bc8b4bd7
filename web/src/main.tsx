import { render } from 'preact';
import { App } from './app';
import { openMap } from './map/opening';
import { mapOpened } from './state/store';
import './ui/style.css';

if (mapOpened.value) await openMap();
const root = document.getElementById('app');
if (root) render(<App />, root);
