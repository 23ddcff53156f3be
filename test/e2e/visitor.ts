/**
 * Visits a running demo as a person and a machine do, and prints as JSON what it saw. A program of its own, because it
 * has to run where the appliance runs: in a network that has nothing but loopback.
 *
 *   node visitor.ts <http address> <mqtt address>
 */
import { connectAsync } from 'mqtt';
import { eventually, signIn } from '../support/appliance.ts';
import { openStream } from '../support/sse.ts';

const [, , http = '', mqtt = ''] = process.argv;

async function statusAndBytes(path: string): Promise<[status: number, bytes: number]> {
  const answer = await fetch(http + path);
  return [answer.status, (await answer.arrayBuffer()).byteLength];
}

const person = await signIn(http);
await using stream = await openStream(http, person.token);
const machine = await connectAsync(mqtt);
await machine.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { voltage: 231.4 } }), {
  qos: 1,
});
await machine.endAsync();
const own = (await person.get('/devices?key=M01')).items[0];
const live = await person.get(`/devices/${own.id}/kpis/live`);
const press = await eventually(async () => (await person.get('/devices?key=press-01')).items[0], 10_000);
const history = await eventually(async () => {
  const answer = await person.get(`/devices/${press.id}/kpis/history?parameters=temperature&interval=1h`);
  return answer.series[0]?.points.length >= 20 ? answer : undefined;
}, 20_000);
const event = await stream.next('values', 10_000);
const [script = ''] = /\/assets\/main-[^"]+\.js/.exec(await (await fetch(http)).text()) ?? [];
process.stdout.write(
  JSON.stringify({
    live_voltage: live.values[0].value,
    history_points: history.series[0].points.length,
    streamed_values: event.data.values.length,
    script: await statusAndBytes(script),
    swagger: await statusAndBytes('/api/docs/swagger-ui-bundle.js'),
    redoc: await statusAndBytes('/api/docs/redoc.standalone.js'),
    metrics: (await statusAndBytes('/api/v1/metrics'))[0],
  }),
);
