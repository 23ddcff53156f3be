import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFactoryOps, type Template } from '../factoryops.ts';
import { signIn } from '../sign-in.ts';
import type { Answer, HistorianSubject, Window } from './historian-subject.ts';
import { publishAll } from './publish-all.ts';
import { filesBelow, untilQuiet } from './settling.ts';
import { storageOf } from './storage.ts';

/** Sealing and compaction look every ten seconds whether there is something to do: two looks, and the time for one. */
const QUIET_MS = 30_000;
const SETTINGS = {
  log: { level: 'warn' },
  historian: { lateness_s: 10 },
  accounts: { access_token_s: 86_400 },
};

interface History {
  readonly series: readonly { readonly points: readonly { readonly max: number; readonly count: number }[] }[];
}

/** The appliance on a copy of the seeded data, talked to by MQTT and HTTP only; its files are looked at for settling. */
export async function startAppliance(template: Template): Promise<HistorianSubject> {
  await using stack = new AsyncDisposableStack();
  const dataDir = stack.adopt(template.copy(), (copy) => template.drop(copy));
  writeFileSync(join(dataDir, 'factoryops.config.json'), JSON.stringify(SETTINGS));
  const program = stack.use(await startFactoryOps(dataDir));
  const headers = { Authorization: `Bearer ${await signIn(program.http)}` };
  const ids = new Map<string, string>();

  const ask = async <Reply>(path: string): Promise<Reply> => {
    const answer = await fetch(`${program.http}/api/v1${path}`, { headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };

  const learnIds = async () => {
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = `limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { items: readonly { id: string; key: string }[]; next_cursor: string | null } = await ask(
        `/devices?${query}`,
      );
      for (const { id, key } of page.items) ids.set(key, id);
      cursor = page.next_cursor;
    }
  };

  const history = async (path: string, query: Readonly<Record<string, string>>, window: Window): Promise<Answer> => {
    const { fromMs, toMs, stepMs } = window;
    const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
    const interval = stepMs === 60_000 ? '1m' : '1h';
    const asked = new URLSearchParams({ ...query, from, to, interval });
    const { series } = await ask<History>(`${path}?${asked}`);
    const points = series.flatMap((each) => each.points);
    return { steps: points.length, sumOfMaxima: points.reduce((sum, { max }) => sum + max, 0) };
  };

  const running = stack.move();
  return {
    name: 'factoryops',
    pid: program.pid,
    live: { kind: 'mqtt', port: program.mqttPort, qos: 1, window: 1 },
    load: async (set) => {
      await publishAll(program.mqttPort, set);
      await learnIds();
    },
    settle: async () => {
      const { state, seconds } = await untilQuiet(
        () => storageOf(dataDir),
        QUIET_MS,
        ({ buckets, scatteredDays }) => buckets === 0 && scatteredDays === 0,
      );
      const directoryBytes = filesBelow(dataDir).allottedBytes;
      const { bytes: sampleBytes, rollupBytes, files } = state;
      return { sampleBytes, rollupBytes, directoryBytes, files, seconds };
    },
    storedPoints: async () => (await program.stored())?.points ?? null,
    series: (device, parameter, window) =>
      history(`/devices/${ids.get(device)}/kpis/history`, { parameters: parameter }, window),
    wall: (devices, parameters, window) => {
      const asked = { devices: devices.map((device) => ids.get(device)).join(','), parameters: parameters.join(',') };
      return history('/devices/kpis/history', asked, window);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
