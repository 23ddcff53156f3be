import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmPlant, change, PARENT, rule } from '../support/alarms.ts';
import { eventually } from '../support/appliance.ts';
import { makeChannel, notifyPlant, webhookTo } from '../support/notifications.ts';
import { httpReceiver } from '../support/receivers.ts';

test('what is listed of the alarms can be taken away as a CSV, all of it, and the audit says so', async () => {
  await using plant = await alarmPlant();
  const { person, running } = plant;
  const [one, other] = [await plant.device('M01'), await plant.device('M02')];
  plant.rules.set(PARENT, rule(PARENT, { name: '=cmd' }));
  const t = Date.now() - 3_600_000;
  const flaps = Array.from({ length: 300 }, (_, n) => [
    change(t + n * 2_000, 'high'),
    change(t + n * 2_000 + 1_000, null),
  ]).flat();
  await plant.report(one, t - 1, t + 700_000, flaps);
  await plant.report(other, t - 1, t + 700_000, [change(t + 5_000, 'critical')], PARENT);
  const download = async (query: string) => {
    const answer = await fetch(`${running.ready.http}/api/v1/alerts?format=csv${query}`, {
      headers: { Authorization: `Bearer ${person.token}` },
    });
    assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.match(
      answer.headers.get('content-disposition') ?? '',
      /^attachment; filename="alarms-\d{4}-\d\d-\d\d\.csv"$/,
    );
    return (await answer.text()).trimEnd().split('\r\n');
  };
  const [head, ...all] = await download('');
  assert.match(head ?? '', /^number,severity,status,device_key,rule_name,/);
  assert.equal(all.length, 301);
  assert.match(all[0] ?? '', /^301,critical,active,M02,'=cmd,1,'=cmd: /);
  const [, ...critical] = await download('&severity=critical&limit=1');
  assert.equal(critical.length, 1);
  const { items } = await person.get('/audit?action=alarm.export');
  assert.deepEqual(
    items.map(({ details }: { details: unknown }) => details),
    [{ severity: ['critical'] }, {}],
  );
});

test('the CSV has what was said with an acknowledgement, as long as that holds', async () => {
  await using plant = await alarmPlant();
  const { person, running } = plant;
  const [one, other] = [await plant.device('M01'), await plant.device('M02')];
  const t = Date.now() - 60_000;
  await plant.report(one, t - 1, t, [change(t, 'low')]);
  await plant.report(other, t - 1, t, [change(t, 'low')]);
  const notes = async () => {
    const answer = await fetch(`${running.ready.http}/api/v1/alerts?format=csv`, {
      headers: { Authorization: `Bearer ${person.token}` },
    });
    const [head = '', ...rows] = (await answer.text()).trimEnd().split('\r\n');
    const place = head.split(',').indexOf('acknowledgement_note');
    return rows.map((row) => row.split(',')[place]);
  };
  const acknowledge = async (deviceId: string, body: object) => {
    const { items } = await person.get(`/alerts?device_id=${deviceId}`);
    assert.equal((await person.call('POST', `/alerts/${items[0].id}/acknowledge`, body)).status, 200);
  };
  await acknowledge(one, { comment: '=greased' });
  await acknowledge(other, {});
  assert.deepEqual(await notes(), ['', "'=greased"]);
  await plant.report(one, t, t + 2_000, [change(t + 1_000, 'critical')]);
  assert.deepEqual(await notes(), ['', '']);
  await acknowledge(one, {});
  assert.deepEqual(await notes(), ['', '']);
  await plant.report(one, t + 2_000, t + 4_000, [change(t + 3_000, 'low')]);
  assert.deepEqual(await notes(), ['', '']);
});

test('a CSV of alarms is one of the exports of which so many go at the same time; their list is not', async () => {
  await using silent = await httpReceiver(() => undefined);
  await using plant = await notifyPlant({ flags: { 'limits.user_heavy_queries': 1, 'notify.timeout_s': 30 } });
  const { person, running } = plant;
  const { id } = await makeChannel(person, webhookTo(silent.url));
  const csv = async () => {
    const headers = { Authorization: `Bearer ${person.token}` };
    const answer = await fetch(`${running.ready.http}/api/v1/alerts?format=csv`, { headers });
    await answer.text();
    return answer.status;
  };
  assert.equal(await csv(), 200);
  // As heavy as an export, and under way until the other side goes.
  const underWay = person.call('POST', `/notification-channels/${id}/test`);
  await eventually(() => silent.received.length > 0 || undefined);
  assert.equal(await csv(), 429);
  assert.equal((await person.call('GET', '/alerts')).status, 200);
  await silent[Symbol.asyncDispose]();
  await underWay;
  await eventually(async () => (await csv()) === 200 || undefined);
});

test('the summary counts what is to be looked at, and the quality has the last day in tens of minutes', async () => {
  await using plant = await alarmPlant();
  const { person } = plant;
  const device = await plant.device('M01');
  const t = Date.now() - 3_600_000;
  await plant.report(device, t - 1, t + 5_000, [
    change(t, 'high'),
    change(t + 1_000, null),
    change(t + 2_000, 'critical'),
  ]);
  const { open, standing } = await person.get('/alerts/summary');
  assert.deepEqual([open, standing.high], [{ low: 0, medium: 0, high: 1, critical: 1 }, 0]);
  const { last_day } = await person.get('/alarm-quality');
  assert.equal(last_day.length, 144);
  const raised = last_day.filter(({ count }: { count: number }) => count > 0);
  assert.equal(
    raised.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
    2,
  );
  const span = (place: number) => Date.parse(last_day[place].from);
  assert.equal(span(143) - span(0), 143 * 600_000);
});
