/**
 * Runs before anything else is read: a chosen theme or a folded navigation does not flash by, and what the first page
 * asks for in any case is on its way while the scripts are still being read (`api/early.ts` takes it over).
 */
const root = document.documentElement;
const theme = localStorage.getItem('theme');
if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
if (localStorage.getItem('nav') === 'icons') root.dataset.nav = 'icons';

async function ask(url: string): Promise<EarlyAnswer | undefined> {
  try {
    const response = await fetch(url);
    if (!response.ok) return undefined;
    return { date: response.headers.get('Date'), body: await response.json() };
  } catch {
    return undefined;
  }
}

const urls = ['/api/v1/auth/me'];
if (location.pathname === '/') urls.push('/api/v1/dashboard/devices?limit=100', '/api/v1/dashboard/summary');
globalThis.early = new Map(urls.map((url) => [url, ask(url)]));

// The first of these takes a browser 20 ms and more, at a moment when it waits for the scripts anyway.
new Intl.NumberFormat('en');
