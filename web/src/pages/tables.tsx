import type { Snapshot, TableDetail, TableSummary } from '../api/types';
import { overview, table, tables } from '../state/data';
import { fields, go } from '../state/store';
import { Answer, num, when } from '../ui/bits';
import { Link } from '../ui/link';
import { Rejects } from './overview';

const LAYERS = ['bronze', 'silver', 'events', 'gold', 'ref', 'state'];

/** Every table of the lake, or one of them. */
export function TablesPage() {
  const name = fields.table.value;
  return (
    <main class="page" id="main">
      {name === null ? (
        <>
          <h1>Tables</h1>
          <Answer of={{ ...tables.value }} what="the tables">
            {(list) => <TableList list={list} />}
          </Answer>
          <section>
            <h2>Rows that were refused</h2>
            <Answer of={overview.value} what="the reasons">
              {(data) => <Rejects rejects={data.rejects} />}
            </Answer>
          </section>
        </>
      ) : (
        <>
          <p>
            <Link to={{ table: null }}>All tables</Link>
          </p>
          <h1>{name}</h1>
          <Answer of={table.value} what="the table">
            {(detail) => <Detail detail={detail} feeds={feedsOf(name)} />}
          </Answer>
        </>
      )}
    </main>
  );
}

/** The tables that are made from this one. */
function feedsOf(name: string): string[] {
  return (tables.value.data ?? []).filter((one) => one.inputs.includes(name)).map((one) => one.name);
}

function layerOf(name: string): number {
  const index = LAYERS.indexOf(name.split('.')[0] ?? '');
  return index < 0 ? LAYERS.length : index;
}

function TableLinks({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <Link to={{ page: 'tables', table: name }}>{name}</Link>
        </span>
      ))}
    </>
  );
}

function TableList({ list }: { list: readonly TableSummary[] }) {
  const sorted = [...list].sort((a, b) => layerOf(a.name) - layerOf(b.name) || (a.name < b.name ? -1 : 1));
  return (
    <div class="scroll">
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">What a row is</th>
            <th scope="col" class="number">
              Rows
            </th>
            <th scope="col">Made from</th>
            <th scope="col">Last change (UTC)</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <Link to={{ table: one.name }}>{one.name}</Link>
              </th>
              <td>{one.doc ?? ''}</td>
              <td class="number">{num(one.rows)}</td>
              <td>
                <TableLinks names={one.inputs} />
              </td>
              <td>{when(one.committed_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Detail({ detail, feeds }: { detail: TableDetail; feeds: readonly string[] }) {
  return (
    <>
      <p>{detail.doc}</p>
      <dl class="facts wide">
        <div class="fact">
          <dt>Rows</dt>
          <dd>{num(detail.rows)}</dd>
        </div>
        <div class="fact">
          <dt>Partition</dt>
          <dd>{detail.partition.length > 0 ? detail.partition.join(', ') : 'none'}</dd>
        </div>
        <div class="fact">
          <dt>Made from</dt>
          <dd>{detail.inputs.length > 0 ? <TableLinks names={detail.inputs} /> : 'sources'}</dd>
        </div>
        <div class="fact">
          <dt>Feeds</dt>
          <dd>{feeds.length > 0 ? <TableLinks names={feeds} /> : 'no other table'}</dd>
        </div>
      </dl>
      <h2>Columns</h2>
      <div class="scroll">
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Unit</th>
              <th scope="col">Always there</th>
              <th scope="col">What it is</th>
            </tr>
          </thead>
          <tbody>
            {detail.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">{column.name}</th>
                <td>{column.type}</td>
                <td>{column.unit ?? ''}</td>
                <td>{column.required ? 'yes' : 'no'}</td>
                <td>{column.doc ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>Snapshots</h2>
      <Snapshots list={detail.snapshots} />
    </>
  );
}

function Snapshots({ list }: { list: readonly Snapshot[] }) {
  if (list.length === 0) return <p class="muted">None yet.</p>;
  return (
    <div class="scroll">
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">Committed (UTC)</th>
            <th scope="col">What</th>
            <th scope="col" class="number">
              Rows
            </th>
            <th scope="col" class="number">
              Added
            </th>
            <th scope="col" class="number">
              Removed
            </th>
            <th scope="col">Look</th>
          </tr>
        </thead>
        <tbody>
          {list.map((one) => (
            <tr key={String(one.snapshot_id)}>
              <th scope="row">{one.committed_at.slice(0, 19).replace('T', ' ')}</th>
              <td>{one.operation ?? ''}</td>
              <td class="number">{num(one.rows)}</td>
              <td class="number">{num(one.added_rows)}</td>
              <td class="number">{num(one.deleted_rows)}</td>
              <td>
                <button type="button" class="small" onClick={() => go({ asOf: one.committed_at })}>
                  at the lake of then
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
