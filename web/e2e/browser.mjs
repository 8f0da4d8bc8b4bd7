import { chromium } from 'playwright-core';

/** The browser of pictures and measurements: WebGL by software, so that it is the same on every machine. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.SEINE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  });
}
