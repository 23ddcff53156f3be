import { effect, signal } from '@preact/signals';
import { text } from '../text/shell.ts';

const page = signal({ title: '' });
const count = signal(0);

/** Names the window after the page that it shows. */
export const nameWindow = (title: string): void => {
  // A new object each time: who comes back to the same page finds its name again.
  page.value = { title };
};

/**
 * How many things wait for somebody. It is said before the name and by the icon, so that it is seen from another tab, and
 * on the icon of the application where the page is installed as one. 0: nothing does.
 */
export const setWindowBadge = (waiting: number): void => {
  count.value = waiting;
};

effect(() => {
  const { title } = page.value;
  if (title === '') return;
  document.title = `${count.value > 0 ? `(${count.value}) ` : ''}${title} · ${text.product}`;
});

effect(() => {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const href = count.value > 0 ? '/favicon-alarm.svg' : '/favicon.svg';
  if (icon !== null && icon.getAttribute('href') !== href) icon.href = href;
});

effect(() => {
  // Not in every browser, and only in secure pages; one that refuses has no badge, and nothing else is lost.
  if (!('setAppBadge' in navigator)) return;
  const set = count.value > 0 ? navigator.setAppBadge(count.value) : navigator.clearAppBadge();
  set.catch(() => {});
});
