import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';
import { SEED } from '../../src/accounts/accounts.ts';

const CACHE = join(import.meta.dirname, '../../node_modules/.cache');

/**
 * Unpacks the browser and the libraries it needs, once, and puts them in place by a rename: test files that run at the
 * same time must not meet half a browser. The package unpacks into the directory for temporary files.
 */
async function unpackedBrowser(): Promise<{ executablePath: string; libraries: string }> {
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../bin');
  const home = join(CACHE, 'chromium');
  if (!existsSync(home)) {
    const fresh = `${home}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    const temporary = process.env.TMPDIR;
    process.env.TMPDIR = fresh;
    try {
      await Promise.all([chromium.executablePath(packed), inflate(join(packed, 'al2023.tar.br'))]);
    } finally {
      if (temporary === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = temporary;
    }
    try {
      renameSync(fresh, home);
    } catch {
      // Another test file was faster.
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return { executablePath: join(home, 'chromium'), libraries: join(home, 'al2023', 'lib') };
}

/** A real Chromium, from npm alone; closed with the test. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const { executablePath, libraries } = await unpackedBrowser();
  const browser = await playwright.launch({
    executablePath,
    // Not the package's own arguments: they are for one page in a cloud function, in one process, without web security.
    args: ['--no-sandbox', '--font-render-hinting=none'],
    env: { ...process.env, LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') },
  });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}

export const DESKTOP = { width: 1280, height: 800 } as const;
export const PHONE = { width: 360, height: 740 } as const;

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** What the page has complained of: uncaught errors, console errors, refused resources. */
  readonly complaints: readonly string[];
}

/** A page of its own, with cookies and storage of its own. Paths given to `goto` are those of the appliance. */
export async function openPage(
  browser: Browser,
  http: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ baseURL: http, viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A refused request is the API's answer, which the page shows; the browser also says it on the console.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Signs in by the form, as the seeded owner unless told otherwise. */
export async function signInBy(
  page: Page,
  email: string = SEED.email,
  password: string = SEED.password,
): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}
