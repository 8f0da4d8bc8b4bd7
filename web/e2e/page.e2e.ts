import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CompanionsAnswer,
  GapEvent,
  Overview,
  Page as Paged,
  Port,
  TableDetail,
  TopAnswer,
  Vessel,
} from '../src/api/types';
import { arc } from '../src/pure/geo';
import { parseView } from '../src/state/address';
import {
  addressOf,
  api,
  coloursOf,
  EXPORTS,
  goTo,
  launch,
  newPage,
  SERVER,
  SMALL,
  settled,
  TWINS,
  violations,
} from './support';

let browser: Browser;
let context: BrowserContext;
let page: Page;
let offences: string[];
let busiest: TopAnswer['data'];

const view = async () => parseView(new URL(await addressOf(page)).hash);
const text = (testId: string) => page.getByTestId(testId).innerText();

async function waitForView(wanted: (hash: string) => boolean): Promise<void> {
  await page.waitForURL((url) => wanted(url.hash));
}

beforeAll(async () => {
  browser = await launch();
  context = await browser.newContext(SMALL);
  ({ page, offences } = await newPage(context));
  busiest = (await api<TopAnswer>('/api/v1/tracks/top?n=20')).data;
  await page.goto(`${SERVER}/#/map?top=20`);
  await settled(page);
});

afterAll(async () => {
  await browser?.close();
});

describe('the map', () => {
  it('shows the lake, asks no other host and breaks no rule of the content policy', async () => {
    expect(await text('tracks-status')).toMatch(/^20 tracks, \d+ with more than two points$/);
    expect(await page.locator('.tracks li').count()).toBe(20);
    expect(await page.locator('.tracks li').first().innerText()).toContain(busiest[0]?.name ?? busiest[0]?.mmsi);
    expect(offences).toEqual([]);
  });

  it('is drawn at first where and as large as it stays', async () => {
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 600, height: 900 },
    ]) {
      const { page: fresh } = await newPage(await browser.newContext({ ...SMALL, viewport }));
      await fresh.addInitScript(() => {
        const seen: string[] = [];
        const place = () => {
          const box = document.querySelector('.map')?.getBoundingClientRect();
          return box ? [box.x, box.y, box.width, box.height].map((it) => Math.round(it)).join(' ') : 'nowhere';
        };
        Object.assign(window, { seen, place });
        performance.mark = new Proxy(performance.mark, {
          apply: (mark, self, args) => {
            const isAlone = document.querySelector('.top') === null;
            if (args[0] === 'map-interactive' && isAlone) seen.push(place());
            return Reflect.apply(mark, self, args);
          },
        });
      });
      await fresh.goto(`${SERVER}/#/map?top=0`);
      await settled(fresh);
      const [first, last] = await fresh.evaluate(() => {
        const { seen, place } = window as unknown as { seen: string[]; place: () => string };
        return [seen[0], place()];
      });
      // On a machine that is busy the rest of the page does not wait for the map, which then has its place at once.
      expect(first ?? last).toBe(last);
      await fresh.context().close();
    }
  });

  it('goes by itself to where the vessels are', async () => {
    const { centre, zoom } = await view();
    expect(zoom).toBeGreaterThan(3);
    expect(centre?.[0]).toBeGreaterThan(-125);
    expect(centre?.[0]).toBeLessThan(-115);
  });

  it('is not blank, with and without its layers', async () => {
    const all = await coloursOf(page, await page.locator('.stage').screenshot());
    await goTo(page, '#/map?c=-119.8,34.1&z=7.5&hide=traffic,tracks,gaps,ports');
    await settled(page);
    const bare = await coloursOf(page, await page.locator('.stage').screenshot());
    expect(bare).toBeGreaterThan(5);
    expect(all).toBeGreaterThan(bare);
  });

  it('asks for the traffic of the window as vector tiles: cells from far away, points near by', async () => {
    const { last_position: last } = await api<Vessel>(`/api/v1/vessels/${busiest[0]?.mmsi}`);
    const layers: string[] = [];
    for (const zoom of [5, 12]) {
      const answered = page.waitForResponse((response) => response.url().includes(`/tiles/traffic/${zoom}/`));
      await goTo(
        page,
        `#/map?hide=tracks,gaps,ports&c=${last?.longitude},${last?.latitude}&z=${zoom}&from=2018-06-04T06:00:00Z`,
      );
      const answer = await answered;
      expect(answer.status()).toBe(200);
      expect(answer.headers()['content-type']).toBe('application/vnd.mapbox-vector-tile');
      expect(new URL(answer.url()).searchParams.get('start')).toBe('2018-06-04T06:00:00Z');
      await settled(page);
      await page.locator('.map').hover();
      layers.push(await page.locator('.hover').innerText());
    }
    expect(layers[0]).toMatch(/^[\d,]+ fixes in this cell$/);
    expect(layers[1]).toMatch(/^\d{9}/);
  });

  it('opens a vessel that is searched by its name, with the keyboard', async () => {
    const named = busiest.find((one) => one.name);
    const name = named?.name ?? '';
    await goTo(page, '#/map?top=5');
    await page.getByRole('combobox', { name: /Search vessels/ }).fill(name.toLowerCase());
    await page.getByRole('option', { name: named?.mmsi ?? '' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name, exact: true }).waitFor();
    const chosen = (await view()).vessel ?? '';
    expect((await api<Vessel>(`/api/v1/vessels/${chosen}`)).name).toBe(name);
  });

  it('the back button closes the vessel again, forward opens it', async () => {
    const opened = (await view()).vessel;
    expect(opened).not.toBeNull();
    await page.goBack();
    await page.locator('.panel').waitFor({ state: 'detached' });
    expect((await view()).vessel).toBeNull();
    await page.goForward();
    await page.locator('.panel').waitFor();
    expect((await view()).vessel).toBe(opened);
  });

  it('tells a vessel in figures: speeds, days, identity', async () => {
    const panel = page.locator('.panel');
    await panel.locator('.u-over').waitFor();
    await panel.getByText('Speeds as a table').click();
    expect(await panel.locator('.plot tbody tr').count()).toBeGreaterThan(1);
    expect(await panel.locator('.day-bar svg').getAttribute('aria-label')).toMatch(/days with positions/);
    expect(await panel.innerText()).toContain(`MMSI ${(await view()).vessel}`);
  });

  it('is closed by Escape, and the focus is on the map again', async () => {
    const opened = await addressOf(page);
    await page.locator('#vessel-title').focus();
    await page.keyboard.press('Escape');
    await page.locator('.panel').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('maplibregl-canvas');
    await page.goto(opened);
    await page.locator('.panel').waitFor();
  });

  it('finds by a part of a name, by IMO number and by port, and goes to what is chosen', async () => {
    const search = page.getByRole('combobox', { name: /Search vessels/ });
    const at = async (lon: number, lat: number) => {
      await waitForView((hash) => {
        const { centre } = parseView(hash);
        return centre !== null && Math.abs(centre[0] - lon) < 1.5 && Math.abs(centre[1] - lat) < 1.5;
      });
    };
    for (const [typed, mmsi] of [
      ['ollu', TWINS[1]],
      ['imo 9074729', TWINS[0]],
    ] as const) {
      await goTo(page, '#/map?top=5&hide=traffic,gaps&c=0,0&z=6');
      await search.fill(typed);
      await page.getByRole('option', { name: mmsi }).click();
      await at(-122.6, 33.1);
      expect((await view()).vessel).toBe(mmsi);
    }
    const { data: found } = await api<Paged<Port>>('/api/v1/ports?q=os%20angel');
    await search.fill('os angel');
    await page.getByRole('option', { name: 'Port' }).first().click();
    await at(found[0]?.longitude ?? 0, found[0]?.latitude ?? 0);
    expect((await view()).zoom).toBeGreaterThan(8);
  });

  it('shows a name that is an attack as text', async () => {
    const alerts: string[] = [];
    page.on('dialog', (dialog) => alerts.push(dialog.message()));
    await goTo(page, '#/map?top=5&hide=traffic,gaps');
    await page.getByRole('combobox', { name: /Search vessels/ }).fill('367999003');
    await page.getByRole('option', { name: '367999003' }).click();
    const title = page.getByRole('heading', { level: 2, name: 'KRAKEN' });
    await title.waitFor();
    expect(await title.innerText()).toBe('<img src=x onerror=alert(1)>\ufffdKRAKEN\u241b[31m');
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(alerts).toEqual([]);
  });

  it('puts two companions side by side', async () => {
    const [twin, other] = TWINS;
    const { companions } = await api<CompanionsAnswer>(`/api/v1/vessels/${twin}/companions`);
    expect(companions[0]?.mmsi).toBe(other);
    await goTo(page, `#/map?top=5&vessel=${twin}`);
    await page.locator('.companions a').first().click();
    await page.getByTestId('pair-card').locator('tbody tr').first().waitFor();
    expect((await view()).companion).toBe(other);
    const heads = await page.getByTestId('pair-card').locator('tbody tr').first().innerText();
    expect(heads).toContain(twin);
    expect(heads).toContain(other);
  });

  it('goes to a gap of the list', async () => {
    const [gap] = (await api<Paged<GapEvent>>(`/api/v1/events?kind=gaps&mmsi=${TWINS[1]}&open=false`)).data;
    await goTo(page, `#/map?top=5&hide=traffic&c=0,10&z=6&vessel=${TWINS[1]}`);
    await page.locator('.panel .events a').first().click();
    await waitForView((hash) => Math.abs((parseView(hash).centre?.[0] ?? 0) - (gap?.start_lon ?? 0)) < 2);
    expect((await view()).event).toBe(gap?.event_id);
    const before = (await view()).centre;
    await goTo(page, '#/map?top=5&hide=traffic&c=-121,33&z=5');
    await page.locator('#side .events a').first().click();
    await page.getByTestId('event-card').waitFor();
    await waitForView((hash) => (parseView(hash).zoom ?? 0) > 5.5);
    expect(before).not.toBeNull();
  });

  it('a box selects, and nothing else is chosen where it is let go', async () => {
    const [gap] = (await api<Paged<GapEvent>>(`/api/v1/events?kind=gaps&mmsi=${TWINS[1]}&open=false`)).data;
    await goTo(page, `#/map?hide=traffic,ports&top=5&c=${gap?.start_lon},${gap?.start_lat}&z=10`);
    await settled(page);
    const { centre, zoom } = await view();
    const map = await page.locator('.map').boundingBox();
    if (!map) throw new Error('no map');
    const middle = { x: map.x + map.width / 2, y: map.y + map.height / 2 };
    await page.keyboard.down('Shift');
    await page.mouse.move(middle.x - 90, middle.y - 60);
    await page.mouse.down();
    await page.mouse.move(middle.x, middle.y, { steps: 4 }); // the end of a gap lies here
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await waitForView((hash) => parseView(hash).box !== null);
    await settled(page);
    expect(await view()).toMatchObject({ centre, zoom, vessel: null, event: null, top: 5, ids: [] });
    expect(await page.locator('.panel').count()).toBe(0);
  });

  it('opens the gap that is clicked', async () => {
    const [gap] = (await api<Paged<GapEvent>>(`/api/v1/events?kind=gaps&mmsi=${TWINS[1]}&open=false`)).data;
    await goTo(page, `#/map?hide=traffic,tracks,ports&c=${gap?.start_lon},${gap?.start_lat}&z=10`);
    await settled(page);
    await page.locator('.map').click();
    await page.getByTestId('event-card').waitFor();
    expect((await view()).event).toBe(gap?.event_id);
    expect((await view()).vessel).toBe(TWINS[1]);
    const card = await text('event-card');
    expect(card).toContain('8 h');
    expect(card).toContain(gap?.start.slice(0, 16).replace('T', ' '));
  });

  it('draws an arc from OFF to ON that can be clicked, too, also with both ends out of sight', async () => {
    const [gap] = (await api<Paged<GapEvent>>(`/api/v1/events?kind=gaps&mmsi=${TWINS[1]}&open=false`)).data;
    const middle = arc([gap?.start_lon ?? 0, gap?.start_lat ?? 0], [gap?.end_lon ?? 0, gap?.end_lat ?? 0])[12];
    await goTo(page, `#/map?hide=traffic,tracks,ports&c=${middle?.[0]},${middle?.[1]}&z=11`);
    await settled(page);
    await page.locator('.map').click();
    await page.getByTestId('event-card').waitFor();
    expect((await view()).event).toBe(gap?.event_id);
  });
});

describe('time', () => {
  it('is slid by the keyboard, and what is shown is asked for again', async () => {
    await goTo(page, '#/map?top=5&hide=traffic,gaps');
    await settled(page);
    const before = await page.locator('.window-text span').first().innerText();
    const asked = page.waitForRequest(
      (request) => request.url().includes('/api/v1/tracks?') && request.url().includes('start='),
    );
    await page.getByRole('slider', { name: 'Beginning of the window' }).focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await waitForView((hash) => hash.includes('from='));
    const start = new URL((await asked).url()).searchParams.get('start') ?? '';
    expect(Date.parse(start)).toBeGreaterThan(Date.parse(`${before.replace(' ', 'T')}Z`));
    expect(await page.locator('.window-text span').first().innerText()).not.toBe(before);
  });

  it('is slid by dragging over the histogram', async () => {
    const histogram = page.locator('.histogram');
    const box = await histogram.boundingBox();
    if (!box) throw new Error('no histogram');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 10, { steps: 3 });
    await page.mouse.move(box.x + box.width * 0.5, box.y + 10, { steps: 3 });
    await page.mouse.up();
    const timeline = await api<{ start: string; end: string }>('/api/v1/timeline');
    const span = Date.parse(timeline.end) - Date.parse(timeline.start);
    const share = ({ from, to }: { from: number | null; to: number | null }) => ((to ?? 0) - (from ?? 0)) / span;
    // The address follows the hand: on its way it tells less.
    await waitForView((hash) => Math.abs(share(parseView(hash)) - 0.25) < 0.04);
    expect(share(await view())).toBeCloseTo(0.25, 1);
  });

  it('moves the vessels, also where the program that draws them came before their tracks', async () => {
    const at = (hour: number) =>
      `#/map?top=12&hide=traffic,gaps,ports&mode=animated&trail=120&c=-119.4,34.1&z=7.5&at=2018-06-03T${hour}:00:00Z`;
    const fresh = await browser.newContext(SMALL);
    const { page: opened } = await newPage(fresh);
    let release = () => {};
    const released = new Promise<void>((done) => {
      release = done;
    });
    await opened.route('**/api/v1/tracks?*', async (route) => {
      await released;
      await route.continue();
    });
    await opened.goto(`${SERVER}/${at(15)}`);
    const overlay = opened.locator('#deckgl-overlay');
    await overlay.waitFor({ state: 'attached' });
    release();
    await settled(opened);
    // What is left is what deck.gl draws over the map.
    await opened.addStyleTag({ content: '.maplibregl-canvas, .maplibregl-ctrl, .hover { display: none !important }' });
    const patience = { timeout: 100_000, interval: 300 };
    await expect.poll(async () => coloursOf(opened, await overlay.screenshot()), patience).toBeGreaterThan(20);
    const first = await overlay.screenshot();
    await goTo(opened, at(18));
    await expect.poll(async () => (await overlay.screenshot()).equals(first), patience).toBe(false);
    await fresh.close();
  });

  it('plays, and pauses', async () => {
    await goTo(page, '#/map?top=5&hide=traffic,gaps&speed=3600');
    await settled(page);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.locator('.deck-canvas, #deckgl-overlay, canvas[id^="deck"]').first().waitFor({ state: 'attached' });
    await waitForView((hash) => hash.includes('at='));
    const first = (await view()).at ?? 0;
    await page.waitForFunction((at) => Date.parse(/at=([^&]*)/.exec(location.hash)?.[1] ?? '') > at, first);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    expect((await view()).mode).toBe('animated');
  });
});

describe('the address', () => {
  it('reproduces the view for somebody else', async () => {
    const mmsi = busiest[1]?.mmsi;
    const hash = `#/map?vessel=${mmsi}&at=2018-06-03T10:00:00Z&from=2018-06-03T04:00:00Z&to=2018-06-03T20:00:00Z&c=-119.6,34.2&z=8.5&mode=animated&colour=speed&trail=45&top=7&hide=traffic&min_hours=1`;
    await goTo(page, hash);
    await settled(page);
    const link = await addressOf(page);
    const other = await browser.newContext(SMALL);
    const { page: theirs, offences: theirOffences } = await newPage(other);
    await theirs.goto(link);
    await settled(theirs);
    const told = async (one: Page) => [
      await addressOf(one),
      await one.getByTestId('tracks-status').innerText(),
      await one.getByTestId('gaps-status').innerText(),
      await one.locator('#vessel-title').innerText(),
      await one.locator('.play output').allInnerTexts(),
      await one.locator('.window-text').innerText(),
      await one
        .locator('input:checked')
        .evaluateAll((inputs) => inputs.map((input) => [input.getAttribute('name'), input.getAttribute('value')])),
    ];
    expect(await told(theirs)).toEqual(await told(page));
    expect(theirOffences).toEqual([]);
    await other.close();
  });

  it('follows the theme of the viewer and not of the link', async () => {
    await page.getByRole('button', { name: 'Dark colours' }).click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await addressOf(page)).not.toContain('dark');
    await page.getByRole('button', { name: 'Light colours' }).click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
  });
});

describe('a file of the user', () => {
  for (const form of ['csv', 'geojson', 'parquet']) {
    it(`written by seine export tracks --format ${form} is shown when dropped`, async () => {
      await goTo(page, '#/map?hide=traffic');
      const base64 = readFileSync(join(EXPORTS, `tracks.${form}`)).toString('base64');
      const answered: string[] = [];
      page.on('request', (request) => answered.push(request.method()));
      await page.evaluate(
        ({ base64: bytes, name }) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name));
          document.body.dispatchEvent(
            new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
          );
        },
        { base64, name: `tracks.${form}` },
      );
      await page.getByTestId('file-summary').getByText(`tracks.${form}`).waitFor();
      const wanted = JSON.parse(readFileSync(join(EXPORTS, 'expected.json'), 'utf8')) as {
        rows: number;
        tracks: number;
      };
      const told = await text('file-summary');
      expect(told).toContain(`${wanted.rows.toLocaleString('en')} rows, ${wanted.tracks} tracks`);
      expect(await text('tracks-status')).toMatch(new RegExp(`^${wanted.tracks} tracks`));
      expect(answered).not.toContain('POST');
      await page.getByRole('button', { name: 'Close the file' }).click();
      await page.getByTestId('file-summary').waitFor({ state: 'detached' });
    });
  }

  it('of a single position is seen on the map', async () => {
    await page.locator('input[name=file]').setInputFiles({
      name: 'one.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('mmsi,time,lat,lon\nLONELY,2025-01-01T00:00:00Z,40.5,-30.25\n'),
    });
    await page.getByTestId('file-summary').getByText('1 track').waitFor();
    await waitForView((hash) => Math.abs((parseView(hash).centre?.[1] ?? 0) - 40.5) < 0.01);
    await settled(page);
    await page.locator('.map').hover();
    await page.locator('.hover').getByText('LONELY').waitFor();
    await page.getByRole('button', { name: 'Close the file' }).click();
  });

  it('with names of its own asks which column is what', async () => {
    await page.locator('input[name=file]').setInputFiles({
      name: 'own.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('schiff;gps_lat;gps_lon;wann\nA;1;2;2025-01-01T00:00:00Z\nA;2;3;2025-01-01T01:00:00Z\n'),
    });
    const form = page.getByRole('form', { name: 'Which column is what' });
    await form.waitFor();
    expect(await form.getByLabel('Latitude').inputValue()).toBe('gps_lat');
    expect(await form.getByLabel('Longitude').inputValue()).toBe('gps_lon');
    expect(await violations(page)).toEqual([]);
    await form.getByLabel('Time').selectOption('wann');
    await form.getByLabel('Vessel').selectOption('schiff');
    await form.getByRole('button', { name: 'Show it' }).click();
    await page.getByTestId('file-summary').getByText('2 rows, 1 track').waitFor();
    await page.getByRole('button', { name: 'Close the file' }).click();
  });

  it('that is none of these is refused in words', async () => {
    await page.locator('input[name=file]').setInputFiles({
      name: 'odd.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('a,b\n1,2\n'),
    });
    await page.getByRole('alert').getByText('no column for a latitude').waitFor();
    expect(await page.locator('#side').getByRole('alert').innerText()).toContain('Its columns: a, b.');
  });
});

describe('other pages', () => {
  it('the overview tells the figures of the lake', async () => {
    const wanted = await api<Overview>('/api/v1/overview');
    await goTo(page, '#/overview');
    const tiles = page.locator('.tile dd');
    await tiles.first().waitFor();
    expect(await tiles.first().innerText()).toBe(wanted.fixes?.toLocaleString('en'));
    expect(await page.locator('.chart').count()).toBe(4);
    expect(await page.locator('.chart').first().locator('rect').count()).toBe(wanted.days.length);
  });

  it('the tables lead to their columns, inputs and snapshots', async () => {
    await page.getByRole('link', { name: 'Tables' }).click();
    await page.getByRole('link', { name: 'events.ais_gaps', exact: true }).first().click();
    const wanted = await api<TableDetail>('/api/v1/tables/events.ais_gaps');
    await page.getByRole('heading', { level: 1, name: 'events.ais_gaps' }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Columns' }).waitFor();
    expect(await page.locator('table').first().locator('tbody tr').count()).toBe(wanted.columns.length);
    expect(await page.locator('table').nth(1).locator('tbody tr').count()).toBe(wanted.snapshots.length);
    await page.locator('.facts').getByRole('link', { name: 'silver.ais', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'silver.ais', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'events.ais_gaps' }).waitFor();
  });

  it('a snapshot is the lake of then, until one goes back to now', async () => {
    await page.getByRole('button', { name: 'at the lake of then' }).first().click();
    await page.getByText('The lake as it was at').waitFor();
    expect((await view()).asOf).not.toBeNull();
    await page.locator('table').first().locator('tbody tr').first().waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('Fixes per day').first().waitFor();
    // The ledger is of now: it goes when the answer of then takes the place of the former one.
    await page.getByText('What became of the rows read').waitFor({ state: 'detached' });
    await page.goBack();
    await page.getByRole('button', { name: 'Back to now' }).click();
    expect((await view()).asOf).toBeNull();
  });

  it('the description of the API is read in the browser without another host', async () => {
    const { page: docs, offences: theirs } = await newPage(context);
    await docs.goto(`${SERVER}/docs`);
    await docs.locator('.opblock').first().waitFor();
    await docs.goto(`${SERVER}/redoc`);
    await docs.getByRole('heading', { level: 1 }).first().waitFor();
    expect(theirs).toEqual([]);
    await docs.close();
  });

  it('an answer that fails is told in words, with what can be done', async () => {
    await goTo(page, '#/map');
    const body = { error: { status: 404, message: 'There is no such table.', hint: 'seine refresh --lake lake' } };
    await page.route('**/api/v1/overview*', (route) => route.fulfill({ status: 404, json: body }));
    await goTo(page, '#/overview');
    await page.getByRole('status').getByText('seine refresh --lake lake').waitFor();
    await page.unroute('**/api/v1/overview*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.tile').first().waitFor();
    await goTo(page, '#/map');
    await page.route('**/api/v1/overview*', (route) => route.abort());
    await goTo(page, '#/overview');
    await page.getByRole('alert').getByText('The server does not answer.').waitFor();
    await page.unroute('**/api/v1/overview*');
  });
});

describe('everybody', () => {
  it('can reach every part with the keyboard', async () => {
    await page.goto('about:blank'); // a new page has the focus at its beginning
    await page.goto(`${SERVER}/#/overview`);
    await page.locator('.tile').first().waitFor();
    const names: string[] = [];
    for (let i = 0; i < 9; i++) {
      await page.keyboard.press('Tab');
      names.push(
        await page.evaluate(
          () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
        ),
      );
    }
    expect(names.map((name) => name.trim())).toEqual([
      'Skip to the content',
      'Seine, to the map',
      'Map',
      'Overview',
      'Tables',
      'API',
      'Search vessels and ports by name or number',
      'Share',
      'Dark colours',
    ]);
    await page.getByRole('link', { name: 'Tables' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
  });

  it('with a phone sees no part cut off', async () => {
    const phone = await browser.newContext({ ...SMALL, viewport: { width: 390, height: 700 }, hasTouch: true });
    const { page: small } = await newPage(phone);
    await small.goto(`${SERVER}/#/map?top=3&hide=traffic&vessel=${busiest[0]?.mmsi}`);
    await small.locator('.panel .facts').first().waitFor();
    const overflow = () => small.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await small.getByRole('button', { name: 'Close the vessel' }).tap();
    await small.getByRole('button', { name: 'Layers and tracks' }).tap();
    await small.getByRole('heading', { name: 'Layers' }).waitFor();
    await small.getByRole('button', { name: 'Back to the map' }).tap();
    await small.getByRole('button', { name: 'Play' }).waitFor();
    for (const name of ['Overview', 'Tables']) {
      await small.getByRole('link', { name, exact: true }).tap();
      await small.getByRole('heading', { level: 1, name }).waitFor();
      await small.locator('table, .tile').first().waitFor({ state: 'attached' });
      expect(await overflow()).toBeLessThanOrEqual(0);
    }
    await phone.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`finds nothing in the way that axe knows of, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      const places: [hash: string, ready: string][] = [
        [`#/map?top=3&hide=traffic&colour=speed&vessel=${busiest[0]?.mmsi}`, '.panel .u-over'],
        ['#/overview', '.chart svg'],
        ['#/tables', 'tbody tr'],
        ['#/tables/silver.ais', 'tbody tr'],
      ];
      for (const [hash, ready] of places) {
        await goTo(page, hash);
        await page.locator(ready).first().waitFor();
        expect(await violations(page), hash).toEqual([]);
      }
      expect(await page.locator('html').getAttribute('data-theme')).toBe(colorScheme);
    });
  }
});
