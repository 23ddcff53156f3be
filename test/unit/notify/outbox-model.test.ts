import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Answer } from '../../../src/notify/channel.ts';
import type { Notice, Severity } from '../../../src/rules/rules.ts';
import { addressOf, DELIVERED, FAILED, OUTBOX_RATE, OUTBOX_ZONE, outboxWorld } from '../../support/outbox-world.ts';

const NIGHT = { from: '22:00', to: '06:00', days: [1, 2, 3, 4, 5, 6, 7] };
const S = 1_000;
const MINUTE_MS = 60 * S;
/** A plain noon, and some minutes before a night begins, and before the clocks are put on and back in one. */
const STARTS = ['2026-01-05T11:00Z', '2026-01-05T20:57Z', '2026-03-29T00:57Z', '2026-10-25T00:57Z'].map(Date.parse);
const ASKED_S = 120;
/** How the other side is. */
const MOODS = ['takes all', 'takes all slowly', 'is down', 'says later', 'refuses', 'does not reach Bob'] as const;
type Mood = (typeof MOODS)[number];

const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      alarm: fc.nat(4),
      kind: fc.constantFrom<Notice>('raised', 'severity_changed', 'cleared', 'escalated'),
      severity: fc.constantFrom<Severity>('low', 'high', 'critical'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ flood: fc.integer({ min: 2, max: 9 }) }) },
  { weight: 8, arbitrary: fc.record({ pass: fc.constantFrom(0.1, 0.5, 1, 5, 20, 70, 400) }) },
  { weight: 5, arbitrary: fc.record({ mood: fc.constantFrom<Mood>(...MOODS) }) },
  { weight: 1, arbitrary: fc.constant({ isKilled: true as const }) },
  { weight: 1, arbitrary: fc.record({ quiet: fc.constantFrom(NIGHT, null) }) },
  { weight: 1, arbitrary: fc.record({ clock: fc.constantFrom(-3_600, -60, 3_600) }) },
  { weight: 1, arbitrary: fc.record({ address: fc.nat(3) }) },
);

const isNight = (at: number) => {
  const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: OUTBOX_ZONE }).format(
    at,
  );
  return Number(hour) >= 22 || Number(hour) < 6;
};

interface Told {
  readonly alarm: number;
  readonly isEager: boolean;
  readonly isCritical: boolean;
}

test('whatever happens, each message is told of in its order, at its time, to each once, and none is lost', async () => {
  const plans = fc.record({
    start: fc.constantFrom(...STARTS),
    steps: fc.array(anyStep, { minLength: 3, maxLength: 20, size: 'max' }),
  });
  const property = fc.asyncProperty(plans, async ({ start, steps }) => {
    using world = outboxWorld(start);
    world.recipients = ['Anna', 'Bob'];
    let [mood, life, isQuiet, floods]: [Mood, number, boolean, number] = ['takes all', 0, false, 0];
    /** All there is to tell, in its order; who has it, since which life of the outbox; and who is not to be asked until when. */
    const all = new Map<string, Told>();
    const having = new Map<string, number>();
    const restsUntil = new Map<string, number>();
    const faults: string[] = [];
    const singles: { readonly at: number; readonly isUrgent: boolean }[] = [];
    let lastId = '';

    const news = (alarm: number, kind: Notice, severity: Severity) => {
      const isCritical = severity === 'critical';
      all.set(world.news(alarm, kind, severity), { alarm, isCritical, isEager: isCritical || kind === 'escalated' });
    };
    const isUrgent = ({ alarm }: Told, ids: readonly string[]) =>
      ids.some((id) => all.get(id)?.isCritical) ||
      world.rows().some((row) => row.state === 'pending' && row.severity === 'critical' && row.alarmNumber === alarm);
    const answerTo = async (recipient: string, key: string): Promise<Answer> => {
      const begun = life;
      if (mood === 'takes all slowly') await new Promise((resolve) => setTimeout(resolve, 8 * S));
      if (mood === 'refuses') return { isDelivered: false, detail: 'no', mayRetry: false };
      if (mood === 'says later') {
        // What is answered to one that was killed nobody hears.
        if (life === begun) restsUntil.set(key, world.passed + ASKED_S * S);
        return { isDelivered: false, detail: '429', mayRetry: true, retryAfterS: ASKED_S };
      }
      return mood === 'is down' || (mood === 'does not reach Bob' && recipient === 'Bob') ? FAILED : DELIVERED;
    };
    world.answer = async ({ at, row, tells, recipient, channel, secrets }) => {
      const first = all.get(tells[0] ?? '') as Told;
      const key = `${row.id} ${recipient}`;
      const urgent = isUrgent(first, tells);
      if (JSON.stringify(channel.config) !== JSON.stringify({ url: secrets.url }))
        faults.push(`${key}: a secret of another`);
      if (at < (restsUntil.get(key) ?? 0)) faults.push(`${key}: before it was to be asked again`);
      if (row.id !== lastId && isQuiet && isNight(world.now) && !urgent) faults.push(`${key}: in quiet hours`);
      if (row.id !== lastId && row.kind !== 'digest') singles.push({ at, isUrgent: urgent });
      lastId = row.id;
      for (const id of tells) {
        if (having.get(`${id} ${recipient}`) === life) faults.push(`${id}: told to ${recipient} twice`);
      }
      const begun = life;
      const answer = await answerTo(recipient, key);
      if (!answer.isDelivered || life !== begun) return answer;
      const told = new Set(tells);
      for (const id of tells) {
        having.set(`${id} ${recipient}`, life);
        const ids = [...all.keys()];
        const later = ids.slice(ids.indexOf(id) + 1).filter((other) => !told.has(other));
        const overtook = later.find((other) => {
          const { alarm, isEager } = all.get(other) as Told;
          return alarm === all.get(id)?.alarm && !isEager && having.has(`${other} ${recipient}`);
        });
        if (overtook !== undefined) faults.push(`${id}: after ${overtook}, to ${recipient}`);
      }
      return answer;
    };

    for (const step of steps) {
      if ('kind' in step) news(step.alarm, step.kind, step.severity);
      if ('flood' in step) for (let i = 0; i < step.flood; i++) news(100 + floods++, 'raised', 'low');
      if ('pass' in step) await world.pass(step.pass * S);
      if ('mood' in step) ({ mood } = step);
      if ('clock' in step) {
        world.setClock(step.clock * S);
        // Of one that is set in the very moment of a kill nobody can know.
        await world.pass(2 * S);
      }
      if ('address' in step) world.edit({ url: addressOf(step.address) });
      if ('quiet' in step) {
        world.edit({ quietHours: step.quiet });
        isQuiet = step.quiet !== null;
      }
      if ('isKilled' in step) {
        life += 1;
        world.restart();
      }
    }
    mood = 'takes all';
    world.edit({ quietHours: null });
    isQuiet = false;
    await world.pass(10 * MINUTE_MS);

    const rows = world.rows();
    const wait = rows.filter(({ state, attempts }) => state === 'pending' && attempts === 0);
    assert.deepEqual(wait, [], 'what nobody has tried to send waits though it would be taken');
    const lost = rows.filter((row) => row.state === 'sent' && row.kind !== 'digest' && !having.has(`${row.id} Bob`));
    assert.deepEqual(lost, [], 'what stands as sent was not');
    const isRuled = ({ state, digestId, answer }: (typeof rows)[number]) =>
      state === 'digested' ? rows.some(({ id }) => id === digestId) : state === 'pending' || answer !== null;
    assert.deepEqual(
      rows.filter((row) => !isRuled(row)),
      [],
      'of some it is not said what became of them',
    );
    if (life === 0) {
      for (const one of singles) {
        const within = singles.filter(
          ({ at, isUrgent }) => isUrgent === one.isUrgent && at > one.at - MINUTE_MS && at <= one.at,
        );
        if (within.length > 2 * OUTBOX_RATE) faults.push(`${within.length} in the minute until ${one.at}`);
      }
    }
    assert.deepEqual([...faults, ...world.faults], []);
  });
  // The same courses each time; others, and so many times as many, by `MORE=20 node --test test/unit/notify/outbox-model.test.ts`.
  const { MORE } = process.env;
  await fc.assert(property, MORE === undefined ? { numRuns: 30, seed: 4 } : { numRuns: 30 * Number(MORE) });
});
