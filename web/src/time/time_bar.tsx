import { computed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { clamp, coarsen, formatTime, type Range, sliderStep, TRAIL, windowWithin } from '../pure/time';
import { SPEEDS } from '../state/address';
import { domain, playhead, timeline, timelineCounts, timeWindow } from '../state/data';
import { adjust, fields, localFile, playing } from '../state/store';
import { ProblemNote } from '../ui/bits';
import { togglePlay } from './play';

const MOST_BARS = 240;
const LEAST_DRAG = 0.004;

/** Time: when there is how much, which part is shown, and the moment the animation is at. */
export function TimeBar() {
  const span = domain.value;
  const range = timeWindow.value;
  const { problem, loading } = timeline.value;
  if (problem && !localFile.value) {
    return (
      <section class="timebar" aria-label="Time">
        <ProblemNote problem={problem} />
      </section>
    );
  }
  if (!span || !range) {
    return (
      <section class="timebar" aria-label="Time">
        <p class="muted">{loading ? 'Loading the timeline…' : 'No times to show.'}</p>
      </section>
    );
  }
  return (
    <section class="timebar" aria-label="Time">
      <PlayControls range={range} />
      <div class="timeline">
        <Histogram span={span} range={range} />
        <WindowSliders span={span} range={range} />
      </div>
    </section>
  );
}

function PlayControls({ range }: { range: Range }) {
  const speed = fields.speed.value;
  const trailMin = fields.trailMin.value;
  const mode = fields.mode.value;
  const at = playhead.value ?? range.to;
  const moment = mode === 'animated' || playing.value;
  return (
    <div class="play">
      <button type="button" class="round" aria-label={playing.value ? 'Pause' : 'Play'} onClick={togglePlay}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          {playing.value ? <path d="M4 3h3v10H4zM9 3h3v10H9z" /> : <path d="M4 2.5v11l9-5.5z" />}
        </svg>
      </button>
      <label class="moment">
        <span>
          Moment <output>{moment ? `${formatTime(at)} UTC` : 'whole window'}</output>
        </span>
        <input
          type="range"
          name="moment"
          min={range.from}
          max={range.to}
          step={sliderStep(range.to - range.from)}
          value={at}
          aria-valuetext={`${formatTime(at)} UTC`}
          onInput={(input) => {
            playing.value = false;
            adjust({ at: clamp(Number(input.currentTarget.value), range.from, range.to), mode: 'animated' });
          }}
        />
      </label>
      <label>
        <span>Speed</span>
        <select
          name="speed"
          value={String(speed)}
          onChange={(input) => adjust({ speed: Number(input.currentTarget.value) })}
        >
          {(SPEEDS.includes(speed) ? SPEEDS : [...SPEEDS, speed]).map((one) => (
            <option key={one} value={String(one)}>
              {one < 3600 ? `${one / 60} min/s` : `${one / 3600} h/s`}
            </option>
          ))}
        </select>
      </label>
      <label class="trail">
        <span>
          Trail <output>{trailMin} min</output>
        </span>
        <input
          type="range"
          name="trail"
          min={TRAIL.min}
          max={TRAIL.max}
          step={1}
          value={trailMin}
          aria-valuetext={`${trailMin} minutes`}
          onInput={(input) => adjust({ trailMin: Number(input.currentTarget.value) })}
        />
      </label>
    </div>
  );
}

/** The outline of the histogram, made once per timeline and not with every picture of the animation. */
const outline = computed(() => {
  const { counts } = coarsen(timelineCounts.value, MOST_BARS);
  const most = Math.max(1, ...counts);
  return { bars: counts.length, path: counts.map((count, i) => `M${i} 100v${(-96 * count) / most}h.86V100z`).join('') };
});

/** Fixes over the whole domain; a drag chooses the window. */
function Histogram({ span, range }: { span: Range; range: Range }) {
  const anchor = useRef<number | null>(null);
  const { bars, path } = outline.value;
  const share = (time: number) => (time - span.from) / (span.to - span.from);
  const timeUnder = (pointer: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const rect = pointer.currentTarget.getBoundingClientRect();
    return span.from + clamp((pointer.clientX - rect.left) / rect.width, 0, 1) * (span.to - span.from);
  };
  const drag = (pointer: PointerEvent & { currentTarget: SVGSVGElement }) => {
    if (anchor.current === null) return;
    const here = timeUnder(pointer);
    if (Math.abs(here - anchor.current) < LEAST_DRAG * (span.to - span.from)) return;
    const next = windowWithin(span, Math.min(here, anchor.current), Math.max(here, anchor.current));
    adjust({ from: next.from, to: next.to });
  };
  const at = playhead.value;
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${bars} 100`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Positions over time, from ${formatTime(span.from)} to ${formatTime(span.to)} UTC`}
      onPointerDown={(pointer) => {
        pointer.currentTarget.setPointerCapture(pointer.pointerId);
        anchor.current = timeUnder(pointer);
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        anchor.current = null;
      }}
      onPointerCancel={() => {
        anchor.current = null;
      }}
    >
      <rect
        class="window"
        x={share(range.from) * bars}
        width={(share(range.to) - share(range.from)) * bars}
        y="0"
        height="100"
      />
      <path class="counts" d={path} />
      {at !== null && fields.mode.value === 'animated' && (
        <line
          class="playhead"
          x1={share(at) * bars}
          x2={share(at) * bars}
          y1="0"
          y2="100"
          vector-effect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}

function WindowSliders({ span, range }: { span: Range; range: Range }) {
  const step = sliderStep(span.to - span.from);
  const slide = (end: 'from' | 'to', value: number) => {
    const other = end === 'from' ? range.to : range.from;
    const moved = end === 'from' ? Math.min(value, other) : Math.max(value, other);
    const next = windowWithin(span, end === 'from' ? moved : range.from, end === 'to' ? moved : range.to);
    adjust({ from: next.from, to: next.to });
  };
  const slider = (end: 'from' | 'to', label: string) => (
    <input
      type="range"
      name={end}
      aria-label={label}
      aria-valuetext={`${formatTime(range[end])} UTC`}
      min={span.from}
      max={span.to}
      step={step}
      value={range[end]}
      onInput={(input) => slide(end, Number(input.currentTarget.value))}
    />
  );
  return (
    <div class="window-sliders">
      <div class="two-thumbs">
        {slider('from', 'Beginning of the window')}
        {slider('to', 'End of the window')}
      </div>
      <p class="window-text">
        <span>{formatTime(range.from)}</span>
        <button type="button" class="small" onClick={() => adjust({ from: span.from, to: span.to })}>
          Whole {localFile.value ? 'file' : 'lake'}
        </button>
        <span>{formatTime(range.to)} UTC</span>
      </p>
    </div>
  );
}
