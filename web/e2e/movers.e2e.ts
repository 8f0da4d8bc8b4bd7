import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseView } from '../src/state/address';
import { addressOf, BOTH, goTo, HERD, launch, newPage, SERVER, SMALL, settled, violations } from './support';

let browser: Browser;
const picker = (page: Page) => page.getByRole('combobox', { name: 'What moves' });
const view = async (page: Page) => parseView(new URL(await addressOf(page)).hash);

async function open(server: string, hash: string): Promise<{ page: Page; offences: string[] }> {
  const opened = await newPage(await browser.newContext(SMALL), server);
  await opened.page.goto(`${server}/${hash}`);
  await settled(opened.page);
  return opened;
}

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
});

describe('a lake of ships alone', () => {
  it('has nothing to choose', async () => {
    const { page } = await open(SERVER, '#/map?top=1');
    expect(await picker(page).count()).toBe(0);
    await page.context().close();
  });
});

describe('a lake of ships and animals', () => {
  let page: Page;
  let offences: string[];

  beforeAll(async () => {
    ({ page, offences } = await open(BOTH, '#/map'));
  });

  it('shows ships until animals are chosen, and goes to where these are', async () => {
    expect(await picker(page).inputValue()).toBe('ais');
    expect(await page.locator('.tracks li .name').first().innerText()).toBe('CASTOR');
    await picker(page).selectOption('animals');
    await page.locator('.tracks li', { hasText: 'goat / 7' }).waitFor();
    await settled(page);
    expect(await page.locator('.tracks li .name').allInnerTexts()).toEqual(['cow 1', 'goat / 7', 'Čapí']);
    const { centre, dataset } = await view(page);
    expect(dataset).toBe('animals');
    expect(Math.round(centre?.[1] ?? 0)).toBe(47);
    expect(await page.getByText('Collared animals of an alp').count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });

  it('tells of one what it told last, in the words of its dataset', async () => {
    await page.getByRole('link', { name: 'goat / 7' }).first().click();
    const panel = page.getByRole('complementary', { name: 'goat / 7' });
    await panel.getByText('Told last').waitFor();
    await settled(page);
    const told = await panel.innerText();
    expect(told).toContain('Animal');
    expect(told).toContain('38.125 C');
    expect(told).toContain('16 on 16 days');
    expect(told).not.toContain('MMSI');
    expect(told).not.toContain('Companions');
    expect(told).not.toContain('Speed in knots'); // no measure of it is one
    expect(await panel.locator('.events li').count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await panel.locator('.events a').click();
    await page.getByTestId('event-card').waitFor();
    expect((await view(page)).vessel).toBe('goat / 7');
  });

  it('finds them by their ids', async () => {
    await page.getByRole('combobox', { name: 'Search every animal and port by its id' }).fill('ČAP');
    await page.getByRole('option', { name: 'Čapí' }).click();
    await page.getByRole('heading', { name: 'Čapí', level: 2 }).waitFor();
  });

  it('goes back to ships', async () => {
    await picker(page).selectOption('ais');
    await page.locator('.tracks li', { hasText: 'CASTOR' }).waitFor();
    const { vessel, centre } = await view(page);
    expect(vessel).toBe(null);
    await settled(page);
    expect(centre?.[0] ?? 0).toBeLessThan(10);
    expect(offences).toEqual([]);
  });

  it('is opened by a link, with a choice of tracks', async () => {
    await goTo(page, '#/map?data=animals&ids=goat / 7');
    await page.locator('.tracks li', { hasText: 'goat / 7' }).waitFor();
    expect(await page.locator('.tracks li').count()).toBe(1);
  });
});

describe('a lake of animals alone', () => {
  it('shows them without being asked, traffic too', async () => {
    const { page, offences } = await newPage(await browser.newContext(SMALL), HERD);
    const tile = page.waitForResponse((response) => response.url().includes('/api/v1/movers/animals/tiles/traffic/'));
    await page.goto(`${HERD}/#/map`);
    expect((await tile).status()).toBe(200);
    await page.locator('.tracks li', { hasText: 'cow 1' }).waitFor();
    await settled(page);
    expect(await picker(page).inputValue()).toBe('animals');
    expect(await page.locator('.banner, .problem').count()).toBe(0);
    expect(offences).toEqual([]);
    await goTo(page, '#/overview');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('rowheader', { name: 'animals' }).waitFor();
    expect(await page.locator('.banner').count()).toBe(0);
    await page.context().close();
  });
});
