import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { PALETTES } from '../map/palette';
import { mergeSeries, speedSeries, speedTable } from '../pure/series';
import { formatTime } from '../pure/time';
import type { TrackPoint } from '../pure/tracks';
import { adjust } from '../state/store';
import { theme } from '../state/theme';

interface SpeedPlotProps {
  name: string;
  points: readonly TrackPoint[];
  other?: { name: string; points: readonly TrackPoint[] } | null;
}

const HEIGHT = 150;

/** Speed over time; a click moves the playhead there. The table below says the same in figures. */
export function SpeedPlot({ name, points, other = null }: SpeedPlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const shade = theme.value;
  useEffect(() => {
    const container = place.current;
    if (!container || points.length === 0) return;
    const plot = draw(container, shade, { name, points, other });
    const watch = new ResizeObserver(() => plot.setSize({ width: container.clientWidth, height: HEIGHT }));
    watch.observe(container);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [points, other?.points, shade, name]);
  if (points.length === 0) return <p class="muted">No position in the chosen window.</p>;
  return (
    <figure class="plot">
      <div ref={place} class="canvas" aria-hidden="true" />
      <figcaption class="sr-only">Speed over time in knots, as a table below</figcaption>
      <details>
        <summary>Speeds as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">From (UTC)</th>
              <th scope="col" class="number">
                mean kn
              </th>
              <th scope="col" class="number">
                most kn
              </th>
              <th scope="col" class="number">
                points
              </th>
            </tr>
          </thead>
          <tbody>
            {speedTable(points).map((row) => (
              <tr key={row.from}>
                <th scope="row">{formatTime(row.from)}</th>
                <td class="number">{row.mean.toFixed(1)}</td>
                <td class="number">{row.most.toFixed(1)}</td>
                <td class="number">{row.points}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** A day as 06-02, a time of day as 14:30. */
function tick(seconds: number, step: number): string {
  const text = formatTime(seconds * 1000);
  return step >= 86_400 || text.endsWith('00:00') ? text.slice(5, 10) : text.slice(11);
}

function draw(container: HTMLElement, shade: 'light' | 'dark', { name, points, other }: SpeedPlotProps): uPlot {
  const palette = PALETTES[shade];
  const axis = {
    stroke: palette.label,
    grid: { stroke: palette.border, width: 1 },
    ticks: { stroke: palette.border, width: 1 },
    font: '11px system-ui, sans-serif',
  };
  const line = (label: string, stroke: string): uPlot.Series => ({
    label,
    stroke,
    width: 1.5,
    points: { show: false },
    value: (_plot, speed) => (speed === null || speed === undefined ? '–' : `${speed.toFixed(1)} kn`),
  });
  const first = speedSeries(points);
  const data: uPlot.AlignedData = other ? mergeSeries(first, speedSeries(other.points)) : [first.times, first.speeds];
  const options: uPlot.Options = {
    width: container.clientWidth || 320,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false },
    legend: { show: other !== null && other !== undefined },
    axes: [
      { ...axis, space: 64, values: (_plot, seconds, _axis, _space, step) => seconds.map((one) => tick(one, step)) },
      { ...axis, size: 36 },
    ],
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.05)] } },
    series: [
      { value: (_plot, seconds) => (seconds === null ? '–' : formatTime(seconds * 1000)) },
      line(name, palette.focus),
      ...(other ? [line(other.name, palette.companion)] : []),
    ],
  };
  const plot = new uPlot(options, data, container);
  plot.over.addEventListener('click', () => {
    const { left } = plot.cursor;
    if (left !== undefined && left >= 0) adjust({ at: plot.posToVal(left, 'x') * 1000, mode: 'animated' });
  });
  return plot;
}
