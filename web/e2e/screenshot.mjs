// A picture of the map: node e2e/screenshot.mjs ADDRESS FILE. Started by tools/make_screenshot.
import { launch } from './browser.mjs';

const [, , address, file] = process.argv;
const browser = await launch();
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(120_000);
  const drawn = () =>
    page.waitForFunction(
      () =>
        document.querySelector('.busy.on') === null &&
        document.querySelector('.map[aria-busy="false"]') !== null &&
        document.querySelector('[aria-busy="true"]') === null,
    );
  await page.goto(address);
  await page.locator('.tracks li').first().waitFor();
  await page.locator('.panel .u-over').waitFor();
  await drawn();
  await page.screenshot({ path: file });
} finally {
  await browser.close();
}
