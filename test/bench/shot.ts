import { parseArgs } from 'node:util';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

/**
 * Takes pictures of pages of a running appliance, to be looked at:
 * `node test/bench/shot.ts --url http://127.0.0.1:8000 --out /tmp/shots / /devices`, at 1280 and 360 px, light and dark.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    out: { type: 'string', default: 'shots' },
    widths: { type: 'string', default: '1280,360' },
    themes: { type: 'string', default: 'light,dark' },
    wait: { type: 'string', default: '1500' },
    anonymous: { type: 'boolean', default: false },
  },
});

await using browser = await openBrowser();
for (const theme of values.themes.split(',') as ('light' | 'dark')[]) {
  for (const width of values.widths.split(',').map(Number)) {
    const viewport = { width, height: width < 600 ? 740 : Math.round(width * 0.625) };
    await using opened = await openPage(browser, values.url, { viewport, colorScheme: theme });
    const { page, complaints } = opened;
    if (!values.anonymous) await signInBy(page);
    for (const path of positionals) {
      await page.goto(path);
      await page.waitForTimeout(Number(values.wait));
      const name = path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'overview';
      await page.screenshot({ path: `${values.out}/${name}-${width}-${theme}.png` });
    }
    for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  }
}
