import { formatDuration } from '../pure/time';
import { datasets, hasChoice, overview } from '../state/data';
import { Bars } from '../ui/bars';
import { Answer, num, when } from '../ui/bits';

const range = (from: string, to: string | null, unit: string) =>
  to === null ? `≥ ${from}${unit}` : `${from}–${to}${unit}`;

/** The lake in a few figures and four charts. */
export function OverviewPage() {
  return (
    <main class="page" id="main">
      <h1>Overview</h1>
      <Datasets />
      <Answer of={overview.value} what="the overview">
        {(data) => (
          <>
            <dl class="tiles">
              <Tile name="Fixes" value={num(data.fixes)} />
              <Tile name="Vessels" value={num(data.vessels)} />
              <Tile name="Days" value={num(data.days.length)} />
              {data.sources && <Tile name="Sources" value={num(data.sources.count)} />}
              <Tile name="Complete until (UTC)" value={when(data.watermark)} />
            </dl>
            <div class="charts">
              <Bars
                title="Fixes per day"
                unit="fixes"
                bars={data.days.map((day) => ({ label: day.date, value: day.fixes }))}
              />
              <Bars
                title="Vessels per day"
                unit="vessels"
                bars={data.days.map((day) => ({ label: day.date, value: day.vessels }))}
              />
              <Bars
                title="Speeds, in knots"
                unit="fixes"
                log
                bars={data.speeds.map((bin) => ({
                  label: range(num(bin.from_kn), bin.to_kn === null ? null : num(bin.to_kn), ''),
                  value: bin.count,
                }))}
              />
              <Bars
                title="Durations of gaps"
                unit="gaps"
                log
                bars={data.gap_durations.map((bin) => ({
                  label:
                    bin.to_h === null ? `≥ ${formatDuration(bin.from_h)}` : `${num(bin.from_h)}–${num(bin.to_h)} h`,
                  value: bin.count,
                }))}
              />
            </div>
            {data.sources && (
              <section>
                <h2>What became of the rows read</h2>
                <p>
                  {num(data.sources.rows)} rows of {num(data.sources.count)} sources: {num(data.fixes)} fixes,{' '}
                  {num(data.sources.duplicates)} duplicates, {num(data.sources.rejects)} refused.
                </p>
                <Rejects rejects={data.rejects} />
              </section>
            )}
          </>
        )}
      </Answer>
    </main>
  );
}

/** What else there is than ships, which the figures below are of. */
function Datasets() {
  if (!hasChoice.value) return null;
  return (
    <div class="scroll">
      <table>
        <caption>What moves</caption>
        <thead>
          <tr>
            <th scope="col">Dataset</th>
            <th scope="col">Word</th>
            <th scope="col" class="number">
              Movers
            </th>
            <th scope="col" class="number">
              Fixes
            </th>
            <th scope="col" class="number">
              Gaps
            </th>
            <th scope="col">From (UTC)</th>
            <th scope="col">To (UTC)</th>
          </tr>
        </thead>
        <tbody>
          {(datasets.value.data ?? []).map((one) => (
            <tr key={one.dataset}>
              <th scope="row">{one.dataset}</th>
              <td>{one.word}</td>
              <td class="number">{num(one.movers)}</td>
              <td class="number">{num(one.fixes)}</td>
              <td class="number">{num(one.gaps)}</td>
              <td>{when(one.first)}</td>
              <td>{when(one.last)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function Rejects({ rejects }: { rejects: readonly { reason: string; count: number }[] }) {
  if (rejects.length === 0) return <p class="muted">No row was refused.</p>;
  return (
    <div class="scroll">
      <table>
        <caption>Reasons of refusals</caption>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" class="number">
              Rows
            </th>
          </tr>
        </thead>
        <tbody>
          {rejects.map((one) => (
            <tr key={one.reason}>
              <th scope="row">{one.reason}</th>
              <td class="number">{num(one.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
