// How long until the map can be used: node e2e/startup.mjs ADDRESS ADDRESS_OF_EMPTY_PAGE ROUNDS. Prints JSON with the
// milliseconds of both pages, loaded in turn, each time by a browser that has seen neither. Started by bench/page.py.
import { launch } from './browser.mjs';

const [, , ours, empty, rounds] = process.argv;
const MARK = 'map-interactive';

async function timeOf(address) {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(address);
    const mark = await page.waitForFunction((name) => performance.getEntriesByName(name)[0]?.startTime, MARK);
    return await mark.jsonValue();
  } finally {
    await browser.close();
  }
}

const times = { ours: [], empty: [] };
for (let round = -1; round < Number(rounds); round++) {
  const pair = { ours: await timeOf(ours), empty: await timeOf(empty) };
  if (round < 0) continue; // the first one fills the caches of the system
  times.ours.push(pair.ours);
  times.empty.push(pair.empty);
}
console.log(JSON.stringify(times));
