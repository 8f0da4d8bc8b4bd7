import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressOf,
  CLOSED,
  EMPTY,
  goTo,
  launch,
  newPage,
  SERVER,
  SMALL,
  settled,
  TOKEN,
  UNMADE,
  violations,
} from './support';

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
});

describe('a server with tokens', () => {
  let context: BrowserContext;
  let page: Page;
  const dialog = () => page.getByRole('dialog', { name: 'This server asks for a token' });

  beforeAll(async () => {
    context = await browser.newContext(SMALL);
    ({ page } = await newPage(context, CLOSED));
    await page.goto(`${CLOSED}/#/map?top=3`);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`asks for one and not in red boxes, with nothing in the way, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await dialog().waitFor();
      expect(await page.locator('.problem').count()).toBe(0);
      expect(await violations(page)).toEqual([]);
    });
  }

  it('says that a token is wrong', async () => {
    await page.getByLabel('Token', { exact: true }).fill('guessed');
    await page.keyboard.press('Enter');
    await dialog().getByRole('alert').getByText('does not know this token').waitFor();
    await page.getByLabel('Token', { exact: true }).fill('гость');
    await page.keyboard.press('Enter');
    await dialog().getByRole('alert').getByText('plain letters').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
    }
  });

  it('shows what it can be asked without one', async () => {
    const { page: docs } = await newPage(context, CLOSED);
    await docs.goto(`${CLOSED}/docs`);
    await docs.locator('.opblock').first().waitFor();
    await docs.close();
  });

  it('can be looked at later: a file of one’s own needs no server', async () => {
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Log in' }).click();
    await dialog().waitFor();
  });

  it('is shown the token with every question and every tile, and the address never holds it', async () => {
    const without: string[] = [];
    const asked: string[] = [];
    page.on('request', async (request) => {
      const { pathname } = new URL(request.url());
      if (!/^\/(api|tiles)\//.test(pathname)) return;
      asked.push(pathname);
      if ((await request.allHeaders()).authorization !== `Bearer ${TOKEN}`) without.push(pathname);
    });
    await page.getByLabel('Token', { exact: true }).fill(` ${TOKEN} `);
    await page.getByRole('button', { name: 'Log in', exact: true }).last().click();
    await page.locator('.tracks li').nth(2).waitFor();
    await settled(page);
    expect(asked.some((path) => path.startsWith('/tiles/traffic/'))).toBe(true);
    expect(asked).toContain('/api/v1/events');
    expect(without).toEqual([]);
    expect(await page.locator('.problem').count()).toBe(0);
    expect(await addressOf(page)).not.toContain(TOKEN);
  });

  it('stays open when the page is loaded again, in this tab only', async () => {
    await page.reload();
    await page.locator('.tracks li').nth(2).waitFor();
    const { page: other } = await newPage(context, CLOSED);
    await other.goto(`${CLOSED}/#/overview`);
    await other.getByRole('dialog').waitFor();
    await other.close();
  });

  it('is left by logging out', async () => {
    await page.getByRole('button', { name: 'Log out' }).click();
    await dialog().waitFor();
    expect(
      await page.evaluate(() => [...Object.values(sessionStorage), ...Object.values(localStorage)].join()),
    ).not.toContain(TOKEN);
    await context.close();
  });
});

describe('a lake that is young', () => {
  for (const [name, server, step] of [
    ['with nothing in it', EMPTY, 'seine ingest --lake LAKE FILE'],
    ['with positions only', UNMADE, 'seine refresh --lake LAKE'],
  ] as const) {
    it(`${name} says what to run, and shows no error`, async () => {
      const context = await browser.newContext(SMALL);
      const { page, offences } = await newPage(context, server);
      await page.goto(`${server}/#/map`);
      await page.getByRole('status').getByText(step).waitFor();
      for (const hash of ['#/map?vessel=123456789', '#/tables']) {
        await goTo(page, hash);
        await page.getByRole('status').getByText(step).waitFor();
        expect(await page.getByRole('alert').count(), hash).toBe(0);
        expect(await page.locator('body').innerText()).not.toMatch(/the lake has no|gold\.ais_\w+ yet/);
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page)).toEqual([]);
      }
      await goTo(page, '#/map?as_of=2018-06-01T00:00:00Z');
      await page.getByRole('status').getByText('At that time the lake held none of this.').waitFor();
      expect(offences).toEqual([]);
      await context.close();
    });
  }
});

/** Presses the button, unless a question of the page's own found the server back first: then it is gone, and all is asked. */
async function tryAgain(page: Page) {
  const button = page.getByRole('alert').getByRole('button', { name: 'Try again' });
  await button.evaluateAll((found) => {
    for (const one of found) (one as HTMLElement).click();
  });
}

const noAlert = (page: Page) => page.getByRole('alert').first().waitFor({ state: 'detached' });

describe('a server', () => {
  it('that is gone, too busy, or without the vessel is told once and in its own words', async () => {
    const context = await browser.newContext(SMALL);
    const { page } = await newPage(context);
    await page.goto(`${SERVER}/#/map?top=3`);
    await settled(page);
    await page.route(/\/(api|tiles)\//, (route) => route.abort());
    // The map asks again for tiles that failed, not for those that are still on their way to fail.
    const lost = page.waitForEvent('requestfailed', (request) => request.url().includes('/tiles/traffic/'));
    await goTo(page, '#/map?top=4&from=2018-06-04T06:00:00Z');
    await page.getByRole('alert').getByText('The server does not answer.').waitFor();
    await lost;
    await settled(page);
    expect(await page.getByRole('alert').count()).toBe(1);
    const tile = page.waitForResponse((response) => response.url().includes('/tiles/traffic/'));
    await page.unroute(/\/(api|tiles)\//);
    await tryAgain(page);
    await page.getByTestId('tracks-status').getByText('4 tracks').waitFor();
    expect((await tile).status()).toBe(200);
    await noAlert(page); // what failed is answered one question after the other

    const body = { error: { status: 503, message: 'another lake is at this path', hint: 'try again in a moment' } };
    await page.route(/\/(api|tiles)\//, (route) => route.fulfill({ status: 503, json: body }));
    await goTo(page, '#/map?top=5');
    await page.getByRole('alert').getByText('another lake is at this path').waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    await page.unroute(/\/(api|tiles)\//);
    await tryAgain(page);
    await page.getByTestId('tracks-status').getByText('5 tracks').waitFor();

    await goTo(page, '#/map?top=0&vessel=123456789');
    await page.locator('.panel').getByText('no vessel has the id 123456789').waitFor();
    await noAlert(page);
    await context.close();
  });
});
