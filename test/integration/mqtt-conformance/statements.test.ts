import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Where tests carry numbers of statements: the files' names as the table gives them. */
const FOLDERS = [import.meta.dirname, join(import.meta.dirname, '../../unit/broker')];
/** Normative statements of the standard. */
const STATEMENTS = 141;

/** `[MQTT-…]` in the names of tests, each with the files where it stands. */
function tested(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const folder of FOLDERS) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts'))) {
      for (const [, name = ''] of readFileSync(join(folder, file), 'utf8').matchAll(/^test\(\s*'(.*)'/gm)) {
        for (const [, number = ''] of name.matchAll(/\[MQTT-([\d.]+-\d+)\]/g)) {
          found.set(number, (found.get(number) ?? new Set()).add(file.replace('.test.ts', '')));
        }
      }
    }
  }
  return found;
}

test('the table names every statement once, with the tests that there are, or a reason', () => {
  const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const rows = [...table.matchAll(/^\| ([\d.]+-\d+) \| (.*) \|$/gm)].map(([, number = '', where = '']) => ({
    number,
    where,
  }));
  assert.equal(rows.length, STATEMENTS);
  assert.equal(new Set(rows.map(({ number }) => number)).size, STATEMENTS);
  const numbers = tested();
  for (const { number, where } of rows) {
    const files = [...where.matchAll(/`([^`]+)`/g)].map(([, file]) => file);
    if (where.startsWith('– ')) assert.equal(numbers.get(number), undefined, number);
    else assert.deepEqual(files.toSorted(), [...(numbers.get(number) ?? [])].toSorted(), number);
    numbers.delete(number);
  }
  assert.deepEqual([...numbers.keys()], [], 'not in the table');
});
