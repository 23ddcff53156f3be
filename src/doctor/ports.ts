import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config/config.ts';
import { systemCode } from '../core/errors.ts';
import { listenPlans } from '../listening.ts';
import { type DataDir, holderOf } from '../store/data-dir.ts';
import { type Finding, failure, fine, warning } from './finding.ts';

const HOST = '127.0.0.1';
const ANSWER_MS = 2_000;

/** The system's word on why a port cannot be had, or null when it can. @param host - null: all interfaces */
async function refusalOf(port: number, host: string | null): Promise<string | null> {
  const server = createServer();
  try {
    server.listen({ port, ...(host !== null && { host }) });
    await once(server, 'listening');
    return null;
  } catch (error) {
    return systemCode(error) ?? String(error);
  } finally {
    server.close();
  }
}

async function answersAsAppliance(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${HOST}:${port}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return ((await answer.json()) as { status?: unknown }).status === 'ok';
  } catch {
    return false;
  }
}

/** Whether the ports can be had, or are this appliance's own already. */
export async function checkPorts(
  config: Pick<Config, 'network' | 'http' | 'mqtt'>,
  directory: DataDir,
): Promise<Finding[]> {
  const holder = holderOf(directory);
  const { http, https, mqtt, mqtts } = listenPlans(config);
  const isRunning = holder !== null && (await answersAsAppliance(http.port));
  if (isRunning) return [fine('ports', `the appliance is running as ${holder}, on HTTP port ${http.port}`)];
  const ports = [
    { name: 'HTTP', flag: '--http-port', plan: http },
    { name: 'MQTT', flag: '--mqtt-port', plan: mqtt },
    { name: 'HTTPS', flag: '--https-port', plan: https },
    { name: 'MQTTS', flag: '--mqtts-port', plan: mqtts },
  ];
  return await Promise.all(
    ports.map(async ({ name, flag, plan: { port, host, isAnyFine } }) => {
      const refusal = await refusalOf(port, host);
      if (refusal === null) return fine('ports', `${name} port ${port} is free`);
      const remedy = `stop the program that has the port, or choose another with ${flag}`;
      const message = `${name} port ${port} cannot be had (${refusal})`;
      return isAnyFine && refusal === 'EADDRINUSE'
        ? warning('ports', `${message}: any free one is taken instead`, remedy)
        : failure('ports', message, remedy);
    }),
  );
}
