import axe from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: tests/web/web_test.py sets it`);
  return value;
}

/** Address of a running `seine serve`, without a slash at its end. */
export const SERVER = required('SEINE_URL');
/** Folder with tracks.csv, tracks.geojson, tracks.parquet as `seine export tracks` wrote them. */
export const EXPORTS = required('SEINE_EXPORTS');

/** The same lake behind a server that wants TOKEN; a lake with nothing in it; one with positions only. */
export const CLOSED = required('SEINE_URL_CLOSED');
export const TOKEN = required('SEINE_TOKEN');
export const EMPTY = required('SEINE_URL_EMPTY');
export const UNMADE = required('SEINE_URL_UNMADE');
/** A lake of two datasets, ships and animals, and one of animals alone (tests/harness/animals.py). */
export const BOTH = required('SEINE_URL_BOTH');
export const HERD = required('SEINE_URL_HERD');

/** A lake that cases write into while it is served. */
export const LIVE = required('SEINE_URL_LIVE');
export const LIVE_LAKE = required('SEINE_LIVE_LAKE');
export const SEINE = required('SEINE_BIN');

/** Two vessels of the test's lake that sail together for two days; the second is silent for eight hours of the second. */
export const TWINS: readonly [string, string] = ['367999001', '367999002'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const SMALL: BrowserContextOptions = {
  viewport: { width: 1000, height: 560 },
  reducedMotion: 'reduce',
  colorScheme: 'light',
};

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.SEINE_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** Until a wait is given up, which is a little before the case is: machines are busy at times. */
const PATIENCE_MS = 110_000;

/** A page with a note of everything that should not happen. */
export async function newPage(context: BrowserContext, server = SERVER): Promise<{ page: Page; offences: string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const offences: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['blob:', 'data:'].includes(url.protocol) && url.origin !== server) offences.push(`asked ${url.href}`);
  });
  page.on('pageerror', (error) => offences.push(`error ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) offences.push(message.text());
  });
  return { page, offences };
}

/** Asked of the page itself: the browser tells of a new address a moment later. */
export const addressOf = (page: Page): Promise<string> => page.evaluate(() => location.href);

/** Waits until nothing is asked for any more and the map has drawn what came. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('.busy.on') === null &&
      document.querySelector('.map[aria-busy="false"]') !== null &&
      document.querySelector('[aria-busy="true"]') === null,
  );
}

/** Another view without loading the page again. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

export async function api<T>(path: string): Promise<T> {
  const response = await fetch(SERVER + path, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** What axe finds in the way of people who see, hear or reach less. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const found = await (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
  });
}

/** How many different colours a picture has: a blank one has next to none. */
export async function coloursOf(page: Page, picture: Buffer): Promise<number> {
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    if (!context) return 0;
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
    return new Set(pixels).size;
  }, picture.toString('base64'));
}
