import assert from 'node:assert/strict';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/sqlite.ts';
import { eventually, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { connectRaw, openRaw, type RawMqtt, telemetry } from '../support/raw-mqtt.ts';
import { NO_SMALL_DISK, smallDisk } from '../support/small-disk.ts';

const disk = smallDisk(48);

test('on a full disk nothing is acknowledged that is not stored, and the appliance recovers by itself', {
  skip: disk === undefined && NO_SMALL_DISK,
}, async () => {
  assert.ok(disk !== undefined);
  using held = disk;
  await using running = await startAppliance({ dataDir: join(held.path, 'data') });
  const person = await running.signIn();
  const firstStamp = Date.now() - 3_600_000;
  const acknowledged: number[] = [];
  let stamp = firstStamp;
  const publishAll = async (raw: RawMqtt, messages: number) => {
    for (let n = 0; n < messages && !raw.socket.destroyed; n++) {
      const timestamp = stamp++;
      raw.send(telemetry((timestamp % 65_535) + 1, { metrics: { n: timestamp }, timestamp }));
      try {
        await raw.next('puback');
      } catch {
        return;
      }
      acknowledged.push(timestamp);
    }
  };
  const ballast = join(held.path, 'ballast');
  {
    using raw = await connectRaw(running.ready.mqtt);
    await publishAll(raw, 50);
    const { bavail, bsize } = statfsSync(held.path);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 65_536));
    await publishAll(raw, 5_000);
    await raw.closed;
  }
  const stored = acknowledged.length;
  assert.ok(stored < 5_000, 'the disk did not fill');
  {
    using refused = await openRaw(running.ready.mqtt);
    refused.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'x', clean: true, keepalive: 0 });
    assert.equal((await refused.next('connack')).returnCode, 3);
  }
  const notReady = await fetch(`${running.ready.http}/readyz`);
  assert.equal(notReady.status, 503);
  assert.match(await notReady.text(), /ingest/);

  rmSync(ballast);
  const raw = await eventually(() => connectRaw(running.ready.mqtt).catch(() => undefined), 15_000);
  await publishAll(raw, 50);
  raw.socket.destroy();
  assert.equal((await fetch(`${running.ready.http}/readyz`)).status, 200);
  assert.equal(acknowledged.length, stored + 50);

  const [device] = (await person.get('/devices?key=M01')).items;
  const range = `from=${new Date(firstStamp).toISOString()}&to=${new Date(firstStamp + 60_000).toISOString()}`;
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw&limit=10000&${range}`);
  const values = new Set(series[0].points.map(({ value }: { value: number }) => value));
  assert.deepEqual(
    acknowledged.filter((timestamp) => !values.has(timestamp)),
    [],
  );
});

test('telemetry that the registry on disk contradicts ends the appliance, and the next start stores it', async () => {
  using directory = temporaryDirectory();
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const hot = openDatabase(join(directory.path, 'hot.db'));
    hot.exec(`insert into series (series_id, factory_id, device_key, parameter, kind, created_at)
      values (77, 1, 'M01', 'n', 'number', 0)`);
    hot.close();
    using raw = await connectRaw(running.ready.mqtt);
    raw.send(telemetry(1, { metrics: { n: 1 } }));
    await assert.rejects(running.appliance.failed, /SQLITE_CONSTRAINT_UNIQUE.*restart the appliance/);
    await raw.closed;
    assert.equal(raw.packets.filter(({ cmd }) => cmd === 'puback').length, 0);
  }
  await using running = await startAppliance({ dataDir: directory.path });
  using raw = await connectRaw(running.ready.mqtt);
  raw.send(telemetry(1, { metrics: { n: 1 } }));
  await raw.next('puback');
});
