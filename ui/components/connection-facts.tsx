import type { Connection } from '../api/schema.ts';
import { formatBytes, formatCount, formatRate } from '../format/number.ts';
import { text } from '../text/connections.ts';

/** What people call a client. */
export const clientName = ({ client_id: id }: Connection): string => (id === '' ? text.noClientId : id);

/** Who it has signed in as. */
export const signedInAs = ({ kind, username, credential }: Connection): string =>
  kind === 'api_key' ? text.apiKey(credential ?? '') : (username ?? text.anonymous);

/** How it came: what over, and which TLS. */
export const wayOf = ({ transport, tls_version: version }: Connection): string =>
  version === null
    ? text.transports[transport]
    : transport === 'tls'
      ? text.tls(version)
      : `${text.transports[transport]}, ${text.tls(version)}`;

/** Messages a second, and in all below. */
export const Traffic = ({ traffic }: { traffic: Connection['received'] }) => (
  <>
    {text.rate(formatRate(traffic.messages_per_second))}
    <span class="sub">{text.inAll(formatCount(traffic.messages), formatBytes(traffic.bytes).join(' '))}</span>
  </>
);
