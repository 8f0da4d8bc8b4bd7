import type { GapEvent, VesselDays } from '../api/types';
import { DAY, formatTime, type Range } from '../pure/time';
import { num } from '../ui/bits';

interface DayBarProps {
  days: VesselDays['days'];
  gaps: readonly GapEvent[];
  window: Range | null;
}

const WIDTH = 600;
const HEIGHT = 26;

/** Each day's share of positions as a shade, silences above it in red: when was it seen, and when not. */
export function DayBar({ days, gaps, window }: DayBarProps) {
  const first = days[0];
  const last = days[days.length - 1];
  if (!first || !last) return <p class="muted">No day with positions.</p>;
  const from = Date.parse(first.date);
  const to = Date.parse(last.date) + DAY;
  const most = Math.max(...days.map((day) => day.fixes));
  const x = (time: number) => (Math.min(Math.max(time, from), to) - from) * (WIDTH / (to - from));
  const silent = gaps.map((gap) => ({ gap, from: Date.parse(gap.start), to: gap.end ? Date.parse(gap.end) : to }));
  const words = `${days.length} days with positions between ${first.date} and ${last.date}, ${gaps.length} gaps`;
  return (
    <figure class="day-bar">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <rect class="none" width={WIDTH} height={HEIGHT} />
        {days.map((day) => {
          const begin = Date.parse(day.date);
          return (
            <rect
              key={day.date}
              class="day"
              x={x(begin)}
              width={Math.max(1, x(begin + DAY) - x(begin) - (days.length < 100 ? 1 : 0))}
              height={HEIGHT}
              opacity={0.25 + 0.75 * (day.fixes / most)}
            >
              <title>{`${day.date}: ${num(day.fixes)} fixes${day.max_speed === undefined ? '' : `, at most ${num(day.max_speed)} kn`}`}</title>
            </rect>
          );
        })}
        {silent.map(({ gap, from: off, to: on }) => (
          <rect
            key={gap.event_id}
            class={gap.is_closed ? 'gap' : 'gap open'}
            x={x(off)}
            width={Math.max(1.5, x(on) - x(off))}
            y={HEIGHT * 0.3}
            height={HEIGHT * 0.4}
          >
            <title>{`Gap from ${formatTime(off)} to ${gap.end ? formatTime(on) : 'now'}`}</title>
          </rect>
        ))}
        {window && (
          <rect
            class="window"
            x={x(window.from)}
            width={Math.max(1, x(window.to) - x(window.from))}
            y="0"
            height={HEIGHT}
          />
        )}
      </svg>
      <figcaption>
        <span>{first.date}</span>
        <span>{last.date}</span>
      </figcaption>
    </figure>
  );
}
