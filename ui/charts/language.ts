/**
 * To be imported before uPlot, which gives the browser's language to Intl as it is. On a machine without a language
 * (LANG=C, as on many panel computers) Chromium says "en-US@posix", which Intl refuses by throwing, and with it every
 * chart.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}
