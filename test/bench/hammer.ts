import autocannon from 'autocannon';
import type { ApiRequest, Requests } from './api-plant.ts';
import type { Figures } from './flood.ts';
import { createLatencies } from './latencies.ts';

const WARM_UP_S = 1;

const asAutocannon = ({ method, path, headers, body }: ApiRequest): autocannon.Request => ({
  method,
  path,
  headers: { ...headers },
  ...(body === undefined ? {} : { body }),
});

/** As many requests as a server answers on so many connections, each sending the next one when it has its answer. */
async function shoot(url: string, requests: Requests, connections: number, seconds: number): Promise<Figures> {
  const latencies = createLatencies();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = { url, connections, duration: seconds, requests: requests.map(asAutocannon) };
    const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    // Its own histogram knows whole milliseconds only.
    running.on('response', (_client, _status, _bytes, ms) => latencies.record(ms));
  });
  const failures = result.non2xx + result.errors + result.timeouts;
  if (failures > 0) throw new Error(`${failures} of ${result.requests.total} requests to ${requests[0]?.path} failed`);
  return {
    requests_per_second: Number((latencies.count / result.duration).toPrecision(4)),
    p50_ms: latencies.percentile(0.5),
    p99_ms: latencies.percentile(0.99),
    bytes_per_answer: Math.round(result.throughput.total / Math.max(1, latencies.count)),
  };
}

/** Warms a server up, and measures it. @throws {Error} when an answer is not a success */
export async function hammer(url: string, requests: Requests, connections: number, seconds: number): Promise<Figures> {
  await shoot(url, requests, connections, WARM_UP_S);
  return shoot(url, requests, connections, seconds);
}
