import type { ConnectionInfo } from '../../api/schema.ts';
import type { Target } from './snippets.ts';
import { isLoopback } from './snippets.ts';

/** How a sender signs in: as one device, as a gateway for all, or not at all. */
const WAYS = ['device', 'gateway', 'none'] as const;
export type Way = (typeof WAYS)[number];

/** A credential made on this page; the password is nowhere else. */
export interface MadeCredential {
  readonly username: string;
  readonly password: string;
  readonly devices: readonly string[];
}

const LOOPBACK = '127.0.0.1';

/** Whether anyone may send without a credential, from somewhere. */
export const admitsAnonymous = ({ mqtt }: ConnectionInfo): boolean => mqtt.anonymous !== 'never';

/** What is offered first: without a credential where the reader sits at the appliance and it is admitted there. */
export const presetWay = ({ mqtt }: ConnectionInfo, host: string): Way =>
  mqtt.anonymous === 'loopback' && isLoopback(host) ? 'none' : 'device';

/** The way asked for, if it is one that works here. */
export function wayOf(asked: string | undefined, info: ConnectionInfo, host: string): Way {
  const way = WAYS.find((one) => one === asked);
  return way === undefined || (way === 'none' && !admitsAnonymous(info)) ? presetWay(info, host) : way;
}

/** The one of the credentials made here that may send for this device in this way. */
export const fitting = (made: readonly MadeCredential[], way: Way, key: string): MadeCredential | undefined =>
  made.findLast(({ devices }) => devices[0] === (way === 'gateway' ? '*' : key));

export interface Aim {
  readonly info: ConnectionInfo;
  /** By which this page was opened. */
  readonly host: string;
  readonly way: Way;
  readonly key: string;
  readonly credential: MadeCredential | undefined;
}

/** All that a snippet needs; undefined until there is a credential where one is needed. */
export function targetOf({ info, host, way, key, credential }: Aim): Target | undefined {
  const { mqtt, factory_slug, own_ca } = info;
  const plain = { port: mqtt.port, topic: `factories/${factory_slug}/devices/${key}/telemetry` };
  const isPlainHere = isLoopback(host) || mqtt.plain_on_lan;
  if (way === 'none') {
    const isHere = mqtt.anonymous === 'loopback' || !isPlainHere;
    return { ...plain, host: isHere ? LOOPBACK : host, credential: undefined };
  }
  if (credential === undefined) return undefined;
  if (isPlainHere || mqtt.tls_port === null) return { ...plain, host, credential };
  return { ...plain, port: mqtt.tls_port, host, credential, tls: own_ca ? 'own_ca' : 'system' };
}
