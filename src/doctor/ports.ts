import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config/config.ts';
import { systemCode } from '../core/errors.ts';
import { type DataDir, holderOf } from '../store/data-dir.ts';
import { type Finding, failure, fine } from './finding.ts';

const HOST = '127.0.0.1';
const ANSWER_MS = 2_000;

/** The system's word on why a port cannot be had, or null when it can. */
async function refusalOf(port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, HOST);
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
  { http, mqtt }: Pick<Config, 'http' | 'mqtt'>,
  directory: DataDir,
): Promise<Finding[]> {
  const holder = holderOf(directory);
  const isRunning = holder !== null && (await answersAsAppliance(http.port));
  if (isRunning) return [fine('ports', `the appliance is running as ${holder}, on HTTP port ${http.port}`)];
  const ports = [
    { name: 'HTTP', flag: '--http-port', port: http.port },
    { name: 'MQTT', flag: '--mqtt-port', port: mqtt.port },
  ];
  return await Promise.all(
    ports.map(async ({ name, flag, port }) => {
      const refusal = await refusalOf(port);
      if (refusal === null) return fine('ports', `${name} port ${port} is free`);
      const remedy = `stop the program that has the port, or choose another with ${flag}`;
      return failure('ports', `${name} port ${port} cannot be had (${refusal})`, remedy);
    }),
  );
}
