/** Runs before the first paint, so that a chosen theme or a folded navigation does not flash by. */
const root = document.documentElement;
const theme = localStorage.getItem('theme');
if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
if (localStorage.getItem('nav') === 'icons') root.dataset.nav = 'icons';
