import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';

/** What a name stands for; as `dns.lookup` with `all`. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** A destination that nothing is sent to: `message` says why, for whoever has named it. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/** This machine, links without a router (where clouds keep their metadata), and what is no single machine. */
const LOCAL_V4: readonly (readonly [net: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const LOCAL_V6: readonly (readonly [net: string, prefix: number])[] = [
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [net, prefix] of LOCAL_V4) blocked.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of LOCAL_V6) blocked.addSubnet(net, prefix, 'ipv6');

/** The one spelling of an IPv6 address that RFC 5952 leaves, without its zone. */
const canonicalV6 = (address: string): string => new URL(`http://[${address.split('%')[0]}]/`).hostname.slice(1, -1);

/**
 * The IPv4 address within an IPv6 one: mapped (RFC 4291), translated (RFC 2765), compatible, NAT64 (RFC 6052, RFC 8215)
 * or 6to4 (RFC 3056).
 */
function embedded(canonical: string): string | undefined {
  const [head = '', tail] = canonical.split('::');
  const words = (text: string | undefined) =>
    text === undefined || text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [first, last] = [words(head), words(tail)];
  const all =
    tail === undefined ? first : [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  const dotted = (high = 0, low = 0) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const isZero = (from: number, to: number) => all.slice(from, to).every((word) => word === 0);
  if (isZero(0, 4) && all[4] === 0xff_ff && all[5] === 0) return dotted(all[6], all[7]);
  if (isZero(0, 5) && (all[5] === 0xff_ff || all[5] === 0)) return dotted(all[6], all[7]);
  if (all[0] === 0x64 && all[1] === 0xff_9b) return dotted(all[6], all[7]);
  if (all[0] === 0x20_02) return dotted(all[1], all[2]);
  return undefined;
}

/** What a machine's network cards are called by; as `networkInterfaces` of `node:os`. */
type Cards = () => NodeJS.Dict<readonly { readonly address: string }[]>;

/** Whether an address is of this machine: loopback, one of its own, or link-local; or of no single machine at all. */
export function isLocalAddress(address: string, cards: Cards = networkInterfaces): boolean {
  const family = isIP(address.split('%')[0] ?? '');
  if (family === 0) return true;
  const canonical = family === 4 ? address : canonicalV6(address);
  const spelled = (own: string) => (isIP(own) === 6 ? canonicalV6(own) : own);
  if (Object.values(cards()).some((all) => all?.some((one) => spelled(one.address) === canonical))) return true;
  if (family === 4) return blocked.check(canonical, 'ipv4');
  const inner = embedded(canonical);
  return blocked.check(canonical, 'ipv6') || (inner !== undefined && isLocalAddress(inner, cards));
}

const resolveBySystem: Resolve = (host) =>
  new Promise((done, fail) =>
    systemLookup(host, { all: true }, (error, addresses) => (error === null ? done(addresses) : fail(error))),
  );

export interface AddressGuardOptions {
  /** Whether messages may go to this machine, and to link-local addresses. */
  readonly allowsLocal: boolean;
  /** Names and addresses that alone are sent to; null: any. */
  readonly allowedHosts: readonly string[] | null;
  readonly resolve?: Resolve;
}

/** Says whom the appliance may connect to on somebody's word. */
export interface AddressGuard {
  /** @throws {RefusedAddress} for a host that is named, before anything is looked up */
  checkHost(host: string): void;
  /** Resolves a name for a connection. What is connected to is what was looked at: a second answer plays no part. */
  readonly lookup: LookupFunction;
  /** The same, once. @throws {RefusedAddress}, or what the resolver says */
  addressOf(host: string): Promise<string>;
}

const bare = (host: string) => host.replace(/^\[|\]$/g, '').toLowerCase();

export function createAddressGuard({
  allowsLocal,
  allowedHosts,
  resolve = resolveBySystem,
}: AddressGuardOptions): AddressGuard {
  const refuse = (host: string): never => {
    throw new RefusedAddress(
      `${host} is this machine or a link-local address: nothing is sent there unless notify.allow_local_webhooks is set`,
    );
  };
  const checkAddress = (host: string, address: string) => {
    if (!allowsLocal && isLocalAddress(address)) refuse(host);
  };
  const checkHost = (named: string) => {
    const host = bare(named);
    if (allowedHosts !== null && !allowedHosts.some((one) => bare(one) === host)) {
      throw new RefusedAddress(`${host} is not among the hosts that notify.allowed_hosts names`);
    }
    if (isIP(host) !== 0) checkAddress(host, host);
  };
  const resolved = async (named: string) => {
    const host = bare(named);
    checkHost(host);
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    const found = await resolve(host);
    if (found.length === 0) throw new Error(`${host} has no address`);
    // One that is refused refuses them all: which of them is taken is not said here.
    for (const { address } of found) checkAddress(host, address);
    return found;
  };
  const lookup: LookupFunction = (host, options, done) => {
    resolved(host).then(
      (found) => {
        const fit = found.filter(({ family }) => !options.family || options.family === family);
        const chosen = fit.length === 0 ? found : fit;
        if (options.all) done(null, [...chosen]);
        else done(null, chosen[0]?.address ?? '', chosen[0]?.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
  return { checkHost, lookup, addressOf: async (host) => (await resolved(host))[0]?.address ?? '' };
}
