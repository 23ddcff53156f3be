import { setTimeout as delay } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { AppError } from '../core/errors.ts';
import { newReadableCode } from '../core/ids.ts';
import { connectionRefused, credentialsRefused, keepsClosing } from './refusals.ts';

/** Where and as whom to publish. */
export interface BrokerTarget {
  /** `mqtt://host:port`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  readonly factorySlug: string;
  readonly username?: string;
  readonly password?: string;
}

/** One MQTT connection that outlives the broker's restarts: what is not acknowledged is sent again after reconnecting. */
export interface Publisher {
  /** QoS 1. Resolves at the PUBACK, however long and however many connections that takes; rejects when closed or failed. */
  publish(deviceKey: string, payload: string): Promise<void>;
  readonly connected: boolean;
  /** Messages handed over and not yet acknowledged. */
  readonly pending: number;
  /** Never resolves; rejects with an `AppError` when the broker will not take messages, however often one tries. */
  readonly failed: Promise<never>;
  /** Gives outstanding messages up to `graceMs` for their PUBACKs, then disconnects. */
  close(graceMs: number): Promise<void>;
}

const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Connections in a row that the broker may close without acknowledging anything. */
const MAX_FRUITLESS_CONNECTIONS = 5;
const PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const SLUG = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function checkTarget({ url, factorySlug }: BrokerTarget): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (!PROTOCOLS.includes(protocol)) {
    throw new AppError('usage', `"${url}" is not a broker's address: write it like mqtt://127.0.0.1:1883`);
  }
  if (!SLUG.test(factorySlug)) {
    throw new AppError('usage', `"${factorySlug}" is not a factory's slug: letters, digits, ".", "_" and "-" only`);
  }
}

/**
 * Connects; later losses of the connection are mended by itself, one attempt a second. Undefined when `signal` aborts
 * before the connection stands.
 *
 * @throws {AppError} `usage` for an address or slug that cannot be right, `unavailable` when the broker cannot be
 *   reached, `unauthenticated` or `forbidden` when it refuses the credentials
 */
export async function openPublisher(target: BrokerTarget, signal?: AbortSignal): Promise<Publisher | undefined> {
  checkTarget(target);
  const isAborted = () => signal?.aborted === true;
  if (isAborted()) return undefined;
  const { url, factorySlug, username, password } = target;
  const client = connect(url, {
    clientId: `simulator-${newReadableCode(2)}`,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectOnConnackError: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  const failure = watch(client, target);
  try {
    await firstConnection(client, target, failure, signal);
  } catch (error) {
    client.end(true);
    if (isAborted()) return undefined;
    throw error;
  }
  const waiting = new Set<(reason: unknown) => void>();
  const giveUp = (reason: unknown) => {
    for (const reject of waiting) reject(reason);
    waiting.clear();
  };
  failure.promise.catch(giveUp);
  return {
    publish: (deviceKey, payload) =>
      new Promise((resolve, reject) => {
        waiting.add(reject);
        const topic = `factories/${factorySlug}/devices/${deviceKey}/telemetry`;
        client.publish(topic, payload, { qos: 1 }, (error) => {
          waiting.delete(reject);
          if (error) reject(error);
          else resolve();
        });
      }),
    get connected() {
      return client.connected;
    },
    get pending() {
      return waiting.size;
    },
    failed: failure.promise,
    close: async (graceMs) => {
      const until = Date.now() + graceMs;
      while (waiting.size > 0 && client.connected && Date.now() < until) await delay(20);
      const clean = waiting.size === 0;
      giveUp(new Error('closed before the PUBACK'));
      await client.endAsync(!clean);
    },
  };
}

/** Waits for the first CONNACK; until then an unreachable broker is an error, not something to wait for. */
async function firstConnection(
  client: MqttClient,
  target: BrokerTarget,
  failure: PromiseWithResolvers<never>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const accepted = Promise.withResolvers<void>();
  const unreachable = Promise.withResolvers<never>();
  const onConnect = () => accepted.resolve();
  const onAbort = () => unreachable.reject(signal?.reason);
  const onError = (error: Error) => unreachable.reject(connectionRefused(target, error));
  const onClose = () => unreachable.reject(connectionRefused(target, undefined));
  client.on('error', onError);
  client.on('close', onClose);
  client.on('connect', onConnect);
  signal?.addEventListener('abort', onAbort);
  try {
    await Promise.race([accepted.promise, failure.promise, unreachable.promise]);
  } finally {
    client.off('error', onError);
    client.off('close', onClose);
    client.off('connect', onConnect);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Notices what no reconnecting will mend: refused credentials, and a broker that ends every connection without a PUBACK. */
function watch(client: MqttClient, target: BrokerTarget): PromiseWithResolvers<never> {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => client.end(true));
  let fruitless = 0;
  let accepted = false;
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'connack') accepted = packet.returnCode === 0;
    if (packet.cmd === 'puback') fruitless = 0;
  });
  client.on('close', () => {
    if (accepted && !client.disconnecting) fruitless++;
    accepted = false;
    if (fruitless >= MAX_FRUITLESS_CONNECTIONS) failure.reject(keepsClosing(target));
  });
  client.on('error', (error) => {
    const refusal = credentialsRefused(target, error);
    if (refusal !== undefined) failure.reject(refusal);
  });
  return failure;
}
