import { access } from 'node:fs/promises';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';
import { SEED } from '../../src/accounts/accounts.ts';

/** A real Chromium, from npm alone; closed with the test. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const executablePath = await chromium.executablePath();
  await access(executablePath);
  // Not the package's own arguments: they are for one page in a cloud function, in one process and without web security.
  const browser = await playwright.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] });
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
