import { useEffect, useRef } from 'preact/hooks';
import type { Companion, Counted, GapEvent, Vessel } from '../api/types';
import { statusText } from '../pure/status';
import { formatDuration } from '../pure/time';
import { cameraWish } from '../state/camera';
import {
  companion,
  companions,
  companionTrack,
  event,
  isOfShips,
  moverWord,
  otherDataset,
  timeWindow,
  vessel,
  vesselDays,
  vesselGaps,
  vesselTrack,
} from '../state/data';
import { lookAtFocus, lookAtGap } from '../state/look';
import { fields, go } from '../state/store';
import { Answer, capital, Fact, num, share, when } from '../ui/bits';
import { Link } from '../ui/link';
import { DayBar } from './day_bar';
import { SpeedPlot } from './speed_plot';

/** Everything about one vessel, or two of them side by side. */
export function VesselPanel() {
  const mmsi = fields.vessel.value;
  const other = fields.companion.value;
  const chosenEvent = fields.event.value;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus({ preventScroll: true });
  }, [mmsi]);
  if (mmsi === null) return null;
  const close = () => {
    go({ vessel: null, companion: null, event: null });
    document.querySelector<HTMLElement>('.maplibregl-canvas')?.focus();
  };
  const name = vessel.value.data?.name ?? mmsi;
  return (
    <aside
      class="panel"
      aria-labelledby="vessel-title"
      onKeyDown={(pressed) => {
        if (pressed.key === 'Escape') close();
      }}
    >
      <header>
        <div>
          <h2 id="vessel-title" ref={title} tabIndex={-1}>
            {name}
          </h2>
          <p class="muted">
            {[
              isOfShips.value ? `MMSI ${mmsi}` : capital(moverWord.value),
              vessel.value.data?.vessel_type_name,
              vessel.value.data?.flag_country,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        <button type="button" class="close" aria-label={`Close the ${moverWord.value}`} onClick={close}>
          ×
        </button>
      </header>
      <Actions mmsi={mmsi} />
      {chosenEvent !== null && <EventCard />}
      {other !== null && <SideBySide other={other} />}
      <Answer of={vessel.value} what={`the ${moverWord.value}`}>
        {(data) => (
          <>
            {data.told ? <Told vessel={data} told={data.told} /> : <Identity vessel={data} />}
            <LastPosition vessel={data} />
          </>
        )}
      </Answer>
      {(isOfShips.value || otherDataset.value?.speed) && <Speeds name={name} other={other} />}
      <section>
        <h3>Days</h3>
        <Answer of={vesselDays.value} what="days">
          {(data) => <DayBar days={data.days} gaps={vesselGaps.value.data?.data ?? []} window={timeWindow.value} />}
        </Answer>
      </section>
      {isOfShips.value && (
        <section>
          <h3>Companions</h3>
          <Answer of={companions.value} what="companions">
            {(data) => <Companions list={data.companions} />}
          </Answer>
        </section>
      )}
      <section>
        <h3>Gaps</h3>
        <Answer of={vesselGaps.value} what="gaps">
          {(data) => <Events list={data.data} />}
        </Answer>
      </section>
    </aside>
  );
}

function Speeds({ name, other }: { name: string; other: string | null }) {
  return (
    <section>
      <h3>Speed in knots</h3>
      <Answer of={vesselTrack.value} what="speeds">
        {(track) => (
          <SpeedPlot
            name={name}
            points={track.points}
            other={
              other !== null && companionTrack.value.data
                ? { name: companion.value.data?.name ?? other, points: companionTrack.value.data.points }
                : null
            }
          />
        )}
      </Answer>
    </section>
  );
}

function Actions({ mmsi }: { mmsi: string }) {
  const ids = fields.ids.value;
  const other = fields.companion.value;
  const both = [mmsi, other].filter((id): id is string => id !== null);
  return (
    <div class="row">
      <button type="button" onClick={lookAtFocus}>
        Zoom to {other === null ? 'it' : 'both'}
      </button>
      <button type="button" onClick={() => go({ ids: both })}>
        Only {other === null ? 'this track' : 'these tracks'}
      </button>
      {!ids.includes(mmsi) && ids.length > 0 && (
        <button type="button" onClick={() => go({ ids: [...ids, ...both] })}>
          Add to tracks
        </button>
      )}
    </div>
  );
}

function others(list: Counted[] | null, best: string | null): string {
  const rest = (list ?? []).filter((one) => one.value !== best);
  return rest.map((one) => `${one.value} (${num(one.fixes)} fixes)`).join(', ');
}

function Identity({ vessel: data }: { vessel: Vessel }) {
  const size = [data.length, data.width].every((metres) => metres !== null)
    ? `${num(data.length)} × ${num(data.width)} m`
    : num(data.length, ' m');
  const otherNames = others(data.names, data.name);
  return (
    <section>
      <h3>Identity</h3>
      <dl class="facts">
        <Fact name="Call sign">{data.callsign ?? '–'}</Fact>
        <Fact name="IMO">{data.imo ?? '–'}</Fact>
        <Fact name="Flag">{[data.flag_country, data.flag && `(${data.flag})`].filter(Boolean).join(' ') || '–'}</Fact>
        <Fact name="Type">{data.vessel_type_name ?? '–'}</Fact>
        <Fact name="Size">{size}</Fact>
        <Fact name="Draught">{num(data.draft, ' m')}</Fact>
        <Fact name="Seen">
          {when(data.first_seen)} to {when(data.last_seen)}
        </Fact>
        <Fact name="Fixes">
          {num(data.fixes)} on {num(data.days_seen)} {data.days_seen === 1 ? 'day' : 'days'}
        </Fact>
        {otherNames && <Fact name="Also called">{otherNames}</Fact>}
      </dl>
    </section>
  );
}

/** Of a mover of another dataset than ships: when it was seen, and each measure and column as it was told last. */
function Told({ vessel: data, told }: { vessel: Vessel; told: NonNullable<Vessel['told']> }) {
  return (
    <section>
      <h3>Told last</h3>
      <dl class="facts">
        <Fact name="Seen">
          {when(data.first_seen)} to {when(data.last_seen)}
        </Fact>
        <Fact name="Fixes">
          {num(data.fixes)} on {num(data.days_seen)} {data.days_seen === 1 ? 'day' : 'days'}
        </Fact>
        {told.map((one) => (
          <Fact name={one.name} key={one.name}>
            {one.value}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function LastPosition({ vessel: { last_position: last } }: { vessel: Vessel }) {
  if (!last) return null;
  const motion = [
    last.speed === null ? null : `${num(last.speed)} kn`,
    last.course === null ? null : `course ${num(last.course)}°`,
    statusText(last.status),
  ].filter(Boolean);
  return (
    <section>
      <h3>Last position</h3>
      <dl class="facts">
        <Fact name="When">{when(last.timestamp)} UTC</Fact>
        <Fact name="Where">
          <button
            type="button"
            class="link"
            onClick={() => {
              cameraWish.value = { centre: [last.longitude, last.latitude], zoom: 10 };
            }}
          >
            {last.latitude.toFixed(4)}, {last.longitude.toFixed(4)}
          </button>
        </Fact>
        <Fact name="Motion">{motion.join(', ') || '–'}</Fact>
        {last.nearest_port && (
          <Fact name="Near">
            {last.nearest_port}, {num(last.distance_to_port, ' km')}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Companions({ list }: { list: Companion[] }) {
  const chosen = fields.companion.value;
  if (list.length === 0) return <p class="muted">None found.</p>;
  return (
    <ol class="companions">
      {list.slice(0, 20).map((one) => (
        <li key={one.mmsi}>
          <Link to={{ companion: one.mmsi, event: null }} current={one.mmsi === chosen && 'true'}>
            {one.name ?? one.mmsi}
          </Link>
          <span class="score" title={`Score ${share(one.score)}`}>
            <meter min={0} max={1} value={one.score} aria-label={`Score of ${one.name ?? one.mmsi}`} />
            {share(one.score)}
          </span>
          <span class="muted">
            {num(one.days_together)} of {num(one.days_both_seen)} days, {num(one.hours_together)} h together
          </span>
        </li>
      ))}
    </ol>
  );
}

function Events({ list }: { list: GapEvent[] }) {
  if (list.length === 0) return <p class="muted">None.</p>;
  return (
    <ul class="events">
      {list.map((gap) => (
        <li key={gap.event_id}>
          <Link
            to={{ event: gap.event_id }}
            current={gap.event_id === fields.event.value && 'true'}
            onFollow={() => lookAtGap(gap)}
          >
            {when(gap.start)}
          </Link>
          <span class="muted">
            {gap.is_closed ? 'closed' : 'open'}
            {gap.duration_h !== null && `, ${formatDuration(gap.duration_h)}`}
            {gap.distance_m !== null && `, ${num(gap.distance_m / 1852)} nmi`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function EventCard() {
  const gap = event.value;
  if (!gap) {
    const waiting = vesselGaps.value.loading;
    return (
      <p class="muted">
        {waiting ? 'Loading the event…' : `This event is not among the gaps of this ${moverWord.value} any more.`}
      </p>
    );
  }
  const place = (lat: number | null, lon: number | null) =>
    lat === null || lon === null ? '–' : `${lat.toFixed(4)}, ${lon.toFixed(4)}`;
  return (
    <section class="card" aria-labelledby="event-title" data-testid="event-card">
      <h3 id="event-title">{gap.is_closed ? 'Gap' : 'Open gap'}</h3>
      <dl class="facts">
        <Fact name="Off">
          {when(gap.start)} UTC at {place(gap.start_lat, gap.start_lon)}
        </Fact>
        <Fact name="On">
          {gap.end ? `${when(gap.end)} UTC at ${place(gap.end_lat, gap.end_lon)}` : 'not heard again'}
        </Fact>
        <Fact name="Silent for">{gap.duration_h === null ? '–' : formatDuration(gap.duration_h)}</Fact>
        {gap.is_closed && (
          <Fact name="Distance">
            {num(gap.distance_m === null ? null : gap.distance_m / 1852, ' nmi')}
            {gap.implied_speed_knots !== null && `, ${num(gap.implied_speed_knots)} kn on average`}
          </Fact>
        )}
      </dl>
      <div class="row">
        <button type="button" onClick={() => lookAtGap(gap)}>
          Zoom to the gap
        </button>
        <button type="button" onClick={() => go({ event: null })}>
          Close
        </button>
      </div>
    </section>
  );
}

function SideBySide({ other }: { other: string }) {
  const a = vessel.value.data;
  const pair = companions.value.data?.companions.find((one) => one.mmsi === other);
  return (
    <section class="card" aria-labelledby="pair-title" data-testid="pair-card">
      <h3 id="pair-title">Side by side</h3>
      <Answer of={companion.value} what="the companion">
        {(b) => (
          <div class="scroll">
            <table class="compare">
              <thead>
                <tr>
                  <td />
                  <th scope="col">
                    <span class="swatch focus" />
                    {a?.name ?? fields.vessel.value}
                  </th>
                  <th scope="col">
                    <span class="swatch companion" />
                    <Link to={{ vessel: b.mmsi, companion: null, event: null }}>{b.name ?? b.mmsi}</Link>
                  </th>
                </tr>
              </thead>
              <tbody>
                {comparison(a, b).map(([label, left, right]) => (
                  <tr key={label}>
                    <th scope="row">{label}</th>
                    <td>{left}</td>
                    <td>{right}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answer>
      {pair && (
        <p>
          Score {share(pair.score)}: together on {num(pair.days_together)} of {num(pair.days_both_seen)} days both were
          seen, {num(pair.hours_together)} h, from {pair.first_day} to {pair.last_day}.
        </p>
      )}
      <button type="button" onClick={() => go({ companion: null })}>
        Close
      </button>
    </section>
  );
}

function comparison(a: Vessel | null, b: Vessel): [string, string, string][] {
  const row = (label: string, of: (one: Vessel) => string): [string, string, string] => [label, a ? of(a) : '–', of(b)];
  return [
    row('MMSI', (one) => one.mmsi),
    row('Type', (one) => one.vessel_type_name ?? '–'),
    row('Flag', (one) => one.flag_country ?? '–'),
    row('Length', (one) => num(one.length, ' m')),
    row('Last seen', (one) => when(one.last_seen)),
    row('Fixes', (one) => num(one.fixes)),
    row('Gaps', (one) => num(one.gaps?.count)),
  ];
}
