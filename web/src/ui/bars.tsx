import { num } from './bits';

export interface Bar {
  label: string;
  value: number;
}

interface BarsProps {
  title: string;
  /** What a bar counts, e.g. "fixes". */
  unit: string;
  bars: readonly Bar[];
  /** Logarithmic heights, where a few bars would hide all others. */
  log?: boolean;
}

const WIDTH = 640;
const HEIGHT = 180;
const FOOT = 22;
const HEAD = 14;

/** The middle of a bar; at the edges of a chart with many bars what keeps the label inside. */
function anchor(index: number, count: number, step: number): { x: number; 'text-anchor': 'start' | 'middle' | 'end' } {
  if (step < 60 && index === 0) return { x: 0, 'text-anchor': 'start' };
  if (step < 60 && index === count - 1) return { x: WIDTH, 'text-anchor': 'end' };
  return { x: (index + 0.5) * step, 'text-anchor': 'middle' };
}

/** A bar chart with the same figures as a table below it, for everybody who cannot see or measure bars. */
export function Bars({ title, unit, bars, log = false }: BarsProps) {
  const scale = (value: number) => (log ? Math.log10(1 + value) : value);
  const most = Math.max(1e-9, ...bars.map((bar) => scale(bar.value)));
  const step = WIDTH / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 9);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {log && <span class="muted"> (heights logarithmic)</span>}
      </figcaption>
      {bars.length === 0 ? (
        <p class="muted">Nothing to count yet.</p>
      ) : (
        <>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            role="img"
            aria-label={`${title}: ${bars.length} bars, see the table`}
          >
            {bars.map((bar, index) => {
              const height = (scale(bar.value) / most) * (HEIGHT - FOOT - HEAD);
              const middle = (index + 0.5) * step;
              return (
                <g key={bar.label}>
                  <rect
                    class="bar"
                    x={index * step + step * 0.1}
                    y={HEIGHT - FOOT - height}
                    width={Math.max(0.5, step * 0.8)}
                    height={height}
                    rx={Math.min(3, step * 0.2)}
                  >
                    <title>{`${bar.label}: ${num(bar.value)} ${unit}`}</title>
                  </rect>
                  {step > 44 && (
                    <text x={middle} y={HEIGHT - FOOT - height - 3} text-anchor="middle">
                      {num(bar.value)}
                    </text>
                  )}
                  {index % every === 0 && (
                    <text {...anchor(index, bars.length, step)} y={HEIGHT - 6}>
                      {bar.label}
                    </text>
                  )}
                </g>
              );
            })}
            <line class="axis" x1="0" x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} />
          </svg>
          <details>
            <summary>As a table</summary>
            <table>
              <thead>
                <tr>
                  <th scope="col">{title}</th>
                  <th scope="col" class="number">
                    {unit}
                  </th>
                </tr>
              </thead>
              <tbody>
                {bars.map((bar) => (
                  <tr key={bar.label}>
                    <th scope="row">{bar.label}</th>
                    <td class="number">{num(bar.value)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </figure>
  );
}
