/**
 * An appliance in a process of its own that raises one alarm after another until it is killed, and says of each, on
 * stdout, that it is recorded. Arguments: data directory, number of the first alarm's time.
 */
import { join } from 'node:path';
import type { Alarms } from '../../src/alarms/alarms.ts';
import { createAppliance } from '../../src/appliance.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/core/log.ts';
import { change, RULE, rule } from './alarms.ts';
import { NOTIFY_FLAGS } from './notifications.ts';

const [dataDir = '', deviceId = '', channel = '', from = '0'] = process.argv.slice(2);
const flags = { data_dir: dataDir, 'http.port': 0, 'mqtt.port': 0, ...NOTIFY_FLAGS };
const config = loadConfig({ file: join(import.meta.dirname, '../fixtures/empty.json'), flags });
const opened = Promise.withResolvers<Alarms>();
const notifications = [{ channel_id: channel, on: ['raised', 'cleared'] as const }];
const appliance = createAppliance(config, {
  log: createLog('fatal'),
  rules: { ruleOf: () => rule(RULE, { notifications }), opened: (desk) => opened.resolve(desk.alarms) },
});
await appliance.start();
const alarms = await opened.promise;
for (let t = Number(from); ; t += 1_000) {
  const transitions = [change(t + 100, 'high'), change(t + 200, null)];
  const report = { factoryId: 1, ruleId: RULE, ruleVersion: 1, deviceId, since: t, until: t + 1_000, transitions };
  await alarms.apply(1, [report]);
  process.stdout.write(`${t + 100}\n`);
}
