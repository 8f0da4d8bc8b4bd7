// How smoothly live moves: node e2e/live_frames.mjs ADDRESS MOVERS SECONDS. Waits until so many movers are shown, prints
// "ready", and then JSON: pictures drawn, seconds, and the longest time between two of them. Started by bench/live.py.
import { launch } from './browser.mjs';

const [, , address, movers, seconds] = process.argv;
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(address);
  const shown = `${Number(movers).toLocaleString('en')} vessel`;
  await page.waitForFunction(
    (text) => document.querySelector('[data-testid="live-status"]')?.textContent?.includes(text),
    shown,
  );
  console.log('ready');
  const seen = await page.evaluate(async (spanMs) => {
    const frames = () => Number(document.querySelector('.live-canvas')?.dataset.frames ?? 0);
    const next = () => new Promise(requestAnimationFrame);
    for (const still = frames(); frames() <= still + 5; ) await next(); // until they move
    const begin = { at: performance.now(), frames: frames() };
    let [longest, last, count] = [0, begin.at, begin.frames];
    while (performance.now() - begin.at < spanMs) {
      await next();
      if (frames() === count) continue;
      const now = performance.now();
      longest = Math.max(longest, now - last);
      [last, count] = [now, frames()];
    }
    return { frames: count - begin.frames, seconds: (last - begin.at) / 1000, longest_ms: longest };
  }, Number(seconds) * 1000);
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
