import { hostname, networkInterfaces } from 'node:os';
import { canonicalHost, isAddress, isCertifiable } from '../core/host-names.ts';

/** What a machine calls itself, and the addresses of its network cards. */
export interface Machine {
  readonly hostname: string;
  /** IPv4 and IPv6, loopback and link-local ones too; a zone (`%eth0`) may follow. */
  readonly addresses: readonly string[];
}

/** This machine, as it is now. */
export const thisMachine = (): Machine => ({
  hostname: hostname(),
  addresses: Object.values(networkInterfaces()).flatMap((cards = []) => cards.map(({ address }) => address)),
});

/** Names in one certificate; a machine with more addresses (containers, bridges) keeps the first in order. */
const MAX_NAMES = 100;
/** Valid only together with the card they are of, which a certificate cannot say. */
const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i;

/** The names that clients may reach a machine by: its own, those configured, and its addresses. Each once. */
export function namesOf(machine: Machine, configured: readonly string[]): readonly string[] {
  const host = canonicalHost(machine.hostname);
  const [short = ''] = host.split('.');
  const addresses = machine.addresses.filter((address) => !LINK_LOCAL.test(address)).toSorted();
  const all = ['localhost', '127.0.0.1', '::1', ...configured, host, short, `${short}.local`, ...addresses];
  return [...new Set(all.map(canonicalHost))].filter(isCertifiable).slice(0, MAX_NAMES);
}

/** The names in the text that Node makes of a certificate's subjectAltName. */
export const namesIn = (subjectAltName: string | undefined): readonly string[] =>
  (subjectAltName ?? '').split(', ').flatMap((entry) => {
    const [, name] = /^(?:DNS|IP Address):"?([^"]+)"?$/.exec(entry) ?? [];
    return name === undefined ? [] : [canonicalHost(name)];
  });

/** Whether a certificate's names cover a host; a `*.` in front stands for one label (RFC 6125, 6.4.3). */
export function covers(names: readonly string[], host: string): boolean {
  const wanted = canonicalHost(host);
  const wild = isAddress(wanted) ? wanted : wanted.replace(/^[^.]+/, '*');
  return names.includes(wanted) || names.includes(wild);
}
