import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUserAgent } from '../../../../ui/format/user-agent.ts';

const SAFARI = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0';

test('a browser and its system are named as people call them', () => {
  const read = (userAgent: string) => {
    const { program, system } = readUserAgent(userAgent) ?? {};
    return `${program}, ${system}`;
  };
  const named = [
    'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`,
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/153.0.0.0`,
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`,
    `Mozilla/5.0 (Linux; Android 14; K) ${CHROME} Mobile Safari/537.36`,
    `Mozilla/5.0 (Linux; Android 14; SM-X210) ${SAFARI} SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36`,
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Version/18.1 Safari/605.1.15`,
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${SAFARI} Version/18.1 Mobile/15E148 Safari/604.1`,
    `Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) ${SAFARI} CriOS/130.0 Mobile/15E148 Safari/604.1`,
  ].map(read);
  assert.deepEqual(named, [
    'Firefox, Linux',
    'Chrome, Windows',
    'Edge, Windows',
    'Chrome, ChromeOS',
    'Chrome, Android',
    'Samsung Internet, Android',
    'Safari, macOS',
    'Safari, iPhone',
    'Chrome, iPad',
  ]);
});

test('a program goes by its own name, and what says nothing has none', () => {
  assert.deepEqual(readUserAgent('curl/8.9.1'), { program: 'curl', system: undefined });
  assert.deepEqual(readUserAgent('node'), { program: 'node', system: undefined });
  assert.equal(readUserAgent(''), undefined);
});
