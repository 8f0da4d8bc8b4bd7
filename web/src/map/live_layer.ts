import { effect } from '@preact/signals';
import type { Map as MapLibre } from 'maplibre-gl';
import { colourOf, hex, SPEED_CLASSES, speedClass } from '../pure/colour';
import { type LiveMover, placeOf } from '../pure/fleet';
import { mercator } from '../pure/geo';
import { fleet, liveFigures } from '../state/live';
import { fields } from '../state/store';
import { theme } from '../state/theme';
import { PALETTES } from './palette';

/** Width of the world at zoom 0, pixels. */
const WORLD_PX = 512;
const MOVES_FROM_KN = 0.5;
const REACH_PX = 8;
const TURN = 2 * Math.PI;

interface Point {
  x: number;
  y: number;
}

/**
 * Movers that glide from one position to the next, on a canvas above the map: the map itself is not drawn again for them.
 */
export class LiveLayer {
  readonly #map: MapLibre;
  readonly #canvas = document.createElement('canvas');
  readonly #stop: () => void;
  #frame = 0;
  #frames = 0;
  /** Of a mover's id: what it looks like, made once. */
  readonly #colours = new Map<string, string>();

  constructor(map: MapLibre) {
    this.#map = map;
    this.#canvas.className = 'live-canvas';
    this.#canvas.setAttribute('aria-hidden', 'true');
    map.getCanvasContainer().append(this.#canvas);
    map.on('render', this.#draw);
    map.on('resize', this.#draw);
    this.#stop = effect(() => {
      void [liveFigures.value, fields.colouring.value, fields.vessel.value, theme.value];
      this.#ask();
    });
  }

  remove(): void {
    this.#stop();
    cancelAnimationFrame(this.#frame);
    this.#map.off('render', this.#draw);
    this.#map.off('resize', this.#draw);
    this.#canvas.remove();
  }

  /** The mover that is shown at a place of the map, the nearest one. */
  at({ x, y }: Point): LiveMover | null {
    const now = performance.now();
    const seen = this.#eye();
    let best: LiveMover | null = null;
    let reach = REACH_PX;
    for (const mover of fleet.movers.values()) {
      for (const point of seen(placeOf(mover, now))) {
        const distance = Math.hypot(point.x - x, point.y - y);
        if (distance > reach) continue;
        reach = distance;
        best = mover;
      }
    }
    return best;
  }

  #ask(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(this.#draw);
  }

  /** Where on the canvas a place is: as often as the map shows the world. */
  #eye(): (place: readonly [x: number, y: number]) => Point[] {
    const { lng, lat } = this.#map.getCenter();
    const [cx, cy] = mercator([lng, lat]);
    const world = WORLD_PX * 2 ** this.#map.getZoom();
    const { clientWidth: width, clientHeight: height } = this.#map.getContainer();
    return ([px, py]) => {
      const y = (py - cy) * world + height / 2;
      if (y < -REACH_PX || y > height + REACH_PX) return [];
      const points: Point[] = [];
      const first = (px - cx) * world + width / 2;
      for (let x = first - Math.floor((first + REACH_PX) / world) * world; x < width + REACH_PX; x += world) {
        points.push({ x, y });
      }
      return points;
    };
  }

  readonly #draw = (): void => {
    const now = performance.now();
    const context = this.#clear();
    if (!context) return;
    const seen = this.#eye();
    const chosen = fields.vessel.peek();
    const size = this.#map.getZoom() < 6 ? 4 : 6;
    context.lineWidth = 1;
    context.strokeStyle = PALETTES[theme.peek()].casing;
    for (const mover of fleet.movers.values()) {
      context.globalAlpha = fleet.isPale(mover) ? 0.35 : 1;
      context.fillStyle = this.#colourOf(mover);
      for (const point of seen(placeOf(mover, now))) {
        shape(context, point, mover, mover.id === chosen ? size * 1.8 : size);
      }
    }
    this.#canvas.dataset.frames = String(++this.#frames); // read by bench/live.py
    if (fleet.isMoving(now)) this.#ask();
  };

  #clear(): CanvasRenderingContext2D | null {
    const { clientWidth: width, clientHeight: height } = this.#map.getContainer();
    const scale = Math.min(2, window.devicePixelRatio || 1);
    const canvas = this.#canvas;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext('2d');
    context?.setTransform(scale, 0, 0, scale, 0, 0);
    context?.clearRect(0, 0, width, height);
    return context;
  }

  #colourOf(mover: LiveMover): string {
    if (fields.colouring.peek() === 'speed') return SPEED_COLOURS[speedClass(mover.speedKn)] ?? '#000';
    let colour = this.#colours.get(mover.id);
    if (colour === undefined) {
      colour = hex(colourOf(mover.id));
      this.#colours.set(mover.id, colour);
    }
    return colour;
  }
}

const SPEED_COLOURS = SPEED_CLASSES.map((one) => hex(one.colour));

/** An arrow for who moves, a dot for who does not. */
function shape(context: CanvasRenderingContext2D, { x, y }: Point, mover: LiveMover, size: number): void {
  context.beginPath();
  if (mover.course !== null && (mover.speedKn === null || mover.speedKn >= MOVES_FROM_KN)) {
    const turn = (mover.course / 360) * TURN;
    const sine = Math.sin(turn) * size;
    const cosine = Math.cos(turn) * size;
    context.moveTo(x + sine * 1.3, y - cosine * 1.3);
    context.lineTo(x - sine + cosine * 0.75, y + cosine + sine * 0.75);
    context.lineTo(x - sine * 0.5, y + cosine * 0.5);
    context.lineTo(x - sine - cosine * 0.75, y + cosine - sine * 0.75);
    context.closePath();
  } else {
    context.arc(x, y, size * 0.7, 0, TURN);
  }
  context.fill();
  context.stroke();
}
