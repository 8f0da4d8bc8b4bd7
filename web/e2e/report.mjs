// The page of `seine report` in a browser: node e2e/report.mjs FILE [light|dark WIDTH PICTURE]. Prints as JSON what it
// asked for beside itself, what it said, and what axe finds in the way of people who see, hear or reach less.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch } from './browser.mjs';

const [, , file, colorScheme = 'light', width = '1100', picture] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 1000 }, colorScheme });
  const requests = [];
  const said = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (problem) => said.push(String(problem)));
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(`file://${file}`);
  for (const summary of await page.locator('summary').all()) await summary.click();
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
  const shape = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    scripts: document.scripts.length,
    images: document.images.length,
    background: getComputedStyle(document.body).backgroundColor,
    text: document.body.innerText,
  }));
  if (picture !== undefined) await page.screenshot({ path: picture, fullPage: true });
  console.log(JSON.stringify({ requests: requests.slice(1), said, violations, ...shape }));
} finally {
  await browser.close();
}
