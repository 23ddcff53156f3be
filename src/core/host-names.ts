/** Addresses in the notation of URLs: what is one, they say best. */
function addressOf(text: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(text)) return text.split('.').every((part) => Number(part) < 256) ? text : undefined;
  const url = `http://[${text}]`;
  return text.includes(':') && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

/** RFC 1123, and the underscore that Windows allows. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * A host in the one form it is compared in: an address by RFC 5952, without brackets and zone; a name in lower case.
 * Imports nothing, because the configuration and the certificates both go by it.
 */
export function canonicalHost(host: string): string {
  const plain = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return addressOf(plain) ?? plain.toLowerCase().replace(/\.$/, '');
}

/** Whether a host is an address, and no name. */
export const isAddress = (host: string): boolean => addressOf(canonicalHost(host)) !== undefined;

/** Whether it can stand in a certificate: an address, or a name, with a `*.` in front at most. */
export function isCertifiable(host: string): boolean {
  const canonical = canonicalHost(host);
  if (isAddress(canonical)) return true;
  const isNumeric = /^[\d.]+$/.test(canonical);
  return !isNumeric && HOST_NAME.test(canonical.replace(/^\*\./, ''));
}
