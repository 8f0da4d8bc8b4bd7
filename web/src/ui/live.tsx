import { useEffect, useState } from 'preact/hooks';
import { ageText } from '../pure/time';
import { moverWord } from '../state/data';
import { isLive, type LiveState, liveFigures, liveProblem, liveState, mayBeLive } from '../state/live';
import { adjust } from '../state/store';
import { num } from './bits';

const WORDS: Readonly<Record<LiveState, string>> = {
  off: '',
  connecting: 'Connecting…',
  live: 'Connected',
  reconnecting: 'Reconnecting…',
  refused: 'Not to be had',
};

/** On the map: positions as they are committed, and how old the newest one is. */
export function LiveSwitch() {
  if (!mayBeLive.value) return null;
  const on = isLive.value;
  return (
    <div class={`live is-${liveState.value}`}>
      <button type="button" role="switch" aria-checked={on} onClick={() => adjust({ live: !on })}>
        <span class="dot" aria-hidden="true" />
        Live
      </button>
      {on && <LiveStatus />}
    </div>
  );
}

function LiveStatus() {
  const state = liveState.value;
  const { movers, newest } = liveFigures.value;
  return (
    <div class="live-status" data-testid="live-status">
      <p role="status">{liveProblem.value ?? WORDS[state]}</p>
      {state !== 'refused' && movers > 0 && (
        <p class="muted">
          {num(movers)} {moverWord.value}
          {movers === 1 ? '' : 's'}
          {newest !== null && (
            <>
              , newest <Age of={newest} />
            </>
          )}
        </p>
      )}
    </div>
  );
}

const TICK_MS = 1_000;

/** Not said again with each second: only the state is. */
function Age({ of }: { of: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return <span title={new Date(of).toISOString()}>{ageText((now - of) / 1000)} ago</span>;
}
