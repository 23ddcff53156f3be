/** The first that is found counts: browsers also name those that they are like. */
const BROWSERS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOPT\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\b(Headless)?Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const firstIn = (userAgent: string, marks: readonly (readonly [RegExp, string])[]): string | undefined =>
  marks.find(([mark]) => mark.test(userAgent))?.[1];

/**
 * What a User-Agent header (RFC 9110, 10.1.5) names, as people call it: a browser and a system, or the program's own
 * name. Undefined where it says nothing.
 */
export function readUserAgent(userAgent: string): { program: string; system: string | undefined } | undefined {
  const browser = firstIn(userAgent, BROWSERS);
  const system = firstIn(userAgent, SYSTEMS);
  const program = browser ?? /^[\w.-]+/.exec(userAgent)?.[0];
  return program === undefined ? undefined : { program, system };
}
