import { signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const root = document.documentElement;
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

const stored = localStorage.getItem('theme');
/** What the person has chosen. */
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');
/** What is shown. Charts, which paint their colours themselves, are redrawn when it changes. */
export const isDark = signal(isDarkNow());

function isDarkNow(): boolean {
  return theme.peek() === 'system' ? systemIsDark.matches : theme.peek() === 'dark';
}

/** Shows a theme, and keeps it in this browser for the next visit. */
export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === 'system') {
    localStorage.removeItem('theme');
    delete root.dataset.theme;
  } else {
    localStorage.setItem('theme', chosen);
    root.dataset.theme = chosen;
  }
  isDark.value = isDarkNow();
}

systemIsDark.addEventListener('change', () => {
  isDark.value = isDarkNow();
});
