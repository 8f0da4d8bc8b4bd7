import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mercator, type Place } from '../src/pure/geo';
import { CLOSED, goTo, LIVE, LIVE_LAKE, launch, newPage, SEINE, SMALL, settled, TOKEN, violations } from './support';

const run = promisify(execFile);
/** From the end of a commit until it is seen. */
const SOON_MS = 2_000;
const CENTRE: Place = [-120, 34];
const ZOOM = 8;
const VIEW = `c=${CENTRE.join(',')}&z=${ZOOM}&hide=traffic,tracks,gaps,ports`;

interface Fix {
  id: string;
  place: Place;
}

let browser: Browser;
let folder: string;
let page: Page;
let offences: string[];
let commits = 0;

/** Each commit is a second later than the one before. */
async function commit(...fixes: Fix[]): Promise<void> {
  commits++;
  const time = new Date(Date.UTC(2025, 0, 1, 12) + commits * 1000).toISOString().slice(0, 19);
  const rows = fixes.map(({ id, place: [lon, lat] }) => `${id},${time},${lat},${lon},12.5,90,90`);
  const file = join(folder, `c${commits}.csv`);
  await writeFile(file, ['MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading', ...rows, ''].join('\n'));
  await run(SEINE, ['ingest', '--quiet', '--lake', LIVE_LAKE, file]);
}

/** Where on the page the map shows a place. */
async function pixelOf(on: Page, place: Place): Promise<{ x: number; y: number }> {
  const box = await on.locator('.map').boundingBox();
  if (!box) throw new Error('there is no map');
  const [x, y] = mercator(place);
  const [cx, cy] = mercator(CENTRE);
  const world = 512 * 2 ** ZOOM;
  return { x: box.x + box.width / 2 + (x - cx) * world, y: box.y + box.height / 2 + (y - cy) * world };
}

/** Waits until somebody is drawn at a place, or nobody is any more. @return how long it took, ms. */
const drawn = (on: Page, place: Place, is = true) => drawnBetween(on, place, place, is, 2);

/** The same anywhere between two places beside each other, but for `reach` pixels from them outwards or inwards. */
async function drawnBetween(on: Page, west: Place, east: Place, is: boolean, reach: number): Promise<number> {
  const [from, to] = [await pixelOf(on, west), await pixelOf(on, east)];
  const started = Date.now();
  await on.waitForFunction(
    ({ from, to, is, reach }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.live-canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return false;
      const box = canvas.getBoundingClientRect();
      const scale = canvas.width / box.width;
      const left = (from.x - box.x - reach) * scale;
      const width = (to.x - from.x + 2 * reach + 1) * scale;
      const pixels = context.getImageData(left, (from.y - box.y - 2) * scale, width, 5 * scale).data;
      return pixels.some((value) => value !== 0) === is;
    },
    { from, to, is, reach },
    { polling: 'raf' },
  );
  return Date.now() - started;
}

/** Who follows the server's live, by its own count. */
async function waitForClients(count: number): Promise<void> {
  for (let clients = -1; clients !== count; ) {
    const text = await (await fetch(`${LIVE}/metrics`)).text();
    clients = Number(/^seine_live_clients (\d+)$/m.exec(text)?.[1]);
  }
}

const toggle = (on: Page) => on.getByRole('switch', { name: 'Live' });
const status = (on: Page) => on.getByTestId('live-status');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seine-live-'));
  browser = await launch();
  await commit({ id: '367000001', place: [-120.5, 34] }, { id: '367000002', place: [-119.5, 34.3] });
  ({ page, offences } = await newPage(await browser.newContext(SMALL), LIVE));
  await page.goto(`${LIVE}/#/map?${VIEW}`);
  await settled(page);
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('live', () => {
  it('is off until it is wanted', async () => {
    expect(await toggle(page).getAttribute('aria-checked')).toBe('false');
    expect(await page.locator('.live-canvas').count()).toBe(0);
    expect(await status(page).count()).toBe(0);
  });

  it('shows who is there, and says so', async () => {
    await toggle(page).focus();
    await page.keyboard.press('Space');
    await drawn(page, [-120.5, 34]);
    await drawn(page, [-119.5, 34.3]);
    expect(await toggle(page).getAttribute('aria-checked')).toBe('true');
    expect(await status(page).getByRole('status').innerText()).toBe('Connected');
    expect(await status(page).innerText()).toMatch(/2 vessels, newest [\d,]+ d ago/);
    await page.waitForURL((url) => url.hash.includes('live=1'));
    expect(await violations(page)).toEqual([]);
  });

  it('moves a mover within two seconds of a commit, and leaves the others', async () => {
    for (const lon of [-120.2, -119.9, -119.6]) {
      await commit({ id: '367000001', place: [lon, 34.1] });
      expect(await drawn(page, [lon, 34.1])).toBeLessThan(SOON_MS);
    }
    await drawn(page, [-120.5, 34], false);
    await drawn(page, [-119.5, 34.3]);
  });

  it('tells who is under the pointer, and opens the panel', async () => {
    const { x, y } = await pixelOf(page, [-119.6, 34.1]);
    await page.mouse.move(x - 40, y - 40);
    await page.mouse.move(x, y);
    await page.locator('.hover', { hasText: '367000001, 12.5 kn, 12:00:04 UTC' }).waitFor();
    await page.mouse.click(x, y);
    await page.waitForURL((url) => url.hash.includes('vessel=367000001'));
    await page.getByRole('complementary').getByRole('button', { name: /close/i }).first().click();
  });

  it('shows what comes into the map when that is moved', async () => {
    await commit({ id: '367000003', place: [10, 50] });
    await goTo(page, `#/map?c=10,50&z=${ZOOM}&hide=traffic,tracks,gaps,ports&live=1`);
    await status(page).getByText('1 vessel,').waitFor();
    await goTo(page, `#/map?${VIEW}&live=1`);
    await status(page).getByText('2 vessels,').waitFor();
    await drawn(page, [-119.6, 34.1]);
  });

  it('glides, where the viewer has nothing against that', async () => {
    const { page: other } = await newPage(await browser.newContext({ ...SMALL, reducedMotion: 'no-preference' }), LIVE);
    await other.goto(`${LIVE}/#/map?${VIEW}&live=1`);
    await drawn(other, [-119.5, 34.3]);
    const onItsWay = drawnBetween(other, [-120.5, 34.3], [-119.5, 34.3], true, -30);
    await commit({ id: '367000002', place: [-120.5, 34.3] });
    await onItsWay;
    await drawn(other, [-120.5, 34.3]);
    await drawnBetween(other, [-120.5, 34.3], [-119.5, 34.3], false, -30);
    await other.context().close();
  });

  it('goes on by itself after the connection broke', async () => {
    await page.context().setOffline(true);
    await page.evaluate(() => window.dispatchEvent(new Event('offline')));
    await page.route('**/api/v1/live*', (route) => route.abort());
    await goTo(page, `#/map?c=10,50&z=${ZOOM}&hide=traffic,tracks,gaps,ports&live=1`);
    await status(page).getByText('Reconnecting…').waitFor();
    await page.context().setOffline(false);
    await page.unroute('**/api/v1/live*');
    await status(page).getByText('1 vessel,').waitFor();
    expect(await status(page).getByRole('status').innerText()).toBe('Connected');
    await goTo(page, `#/map?${VIEW}&live=1`);
    await status(page).getByText('2 vessels,').waitFor();
  });

  it('stops while the tab is hidden, and catches up', async () => {
    const hide = (hidden: boolean) =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => now });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await waitForClients(1);
    await hide(true);
    await waitForClients(0);
    await commit({ id: '367000001', place: [-120.4, 33.8] });
    await hide(false);
    await drawn(page, [-120.4, 33.8]);
    await waitForClients(1);
  });

  it('shows its token where one is needed', async () => {
    const context = await browser.newContext(SMALL);
    await context.addInitScript((text) => sessionStorage.setItem('seine.token', text), TOKEN);
    const { page: closed } = await newPage(context, CLOSED);
    await closed.goto(`${CLOSED}/#/map?top=0&live=1`);
    await status(closed).getByText('Connected').waitFor();
    await status(closed).getByText('vessels, newest').waitFor();
    await context.close();
  });

  it('is off again when it is not wanted, in the past, and on another page', async () => {
    await toggle(page).click();
    expect(await page.locator('.live-canvas').count()).toBe(0);
    await page.waitForURL((url) => !url.hash.includes('live=1'));
    await goTo(page, `#/map?${VIEW}&live=1&as_of=2030-01-01T00:00:00Z`);
    await page.locator('.as-of').waitFor();
    expect(await toggle(page).count()).toBe(0);
    expect(offences).toEqual([]);
  });
});
