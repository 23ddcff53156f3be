import type { ConnectionEvent, Refusal } from '../../api/schema.ts';

/** Something the broker has refused since the page was opened. */
export type News =
  | { readonly kind: 'refusal'; readonly id: string; readonly at: number; readonly refusal: Refusal }
  | { readonly kind: 'connection'; readonly id: string; readonly at: number; readonly event: ConnectionEvent };

/** Both lists as the appliance keeps them: repeats of one thing are counted in one row. */
export interface Logs {
  readonly refusals: readonly Refusal[];
  readonly connections: readonly ConnectionEvent[];
}

/** Clocks are put right now and then, also the appliance's. */
const MARGIN_MS = 60_000;

/** The query of a list that shows all that happens after `rows` were read; the whole list when there were none. */
export function queryAfter(rows: readonly { readonly last_at: string }[]): { readonly since?: string } {
  const newest = rows.reduce((latest, { last_at }) => Math.max(latest, Date.parse(last_at)), 0);
  return newest === 0 ? {} : { since: new Date(newest - MARGIN_MS).toISOString() };
}

const refusalId = ({ device_key, reason, parameter }: Refusal) => `${device_key}/${reason}/${parameter}`;
const connectionId = ({ source, client_id, username, reason }: ConnectionEvent) =>
  JSON.stringify([source, client_id, username, reason]);

const countsOf = <Row extends { readonly count: number }>(rows: readonly Row[], idOf: (row: Row) => string) =>
  new Map(rows.map((row) => [idOf(row), row.count]));

/** Whose news they are: other devices go on failing while one is connected. */
export interface Concern {
  readonly key: string;
  readonly slug: string;
  /** Of the credential made here, if any. */
  readonly username: string | undefined;
}

/** Connections of this credential; else such as may be a mistyped one, if they have begun since. */
const isOurs = ({ username, reason }: ConnectionEvent, isNew: boolean, concern: Concern) =>
  username !== null && username === concern.username
    ? true
    : isNew && (username === null || username.startsWith(`${concern.slug}/`) || reason === 'unknown_factory');

/** What has been refused since `before` was read, newest first. Counts tell, not clocks. */
export function newsOf(before: Logs, after: Logs, concern: Concern): readonly News[] {
  const knownRefusals = countsOf(before.refusals, refusalId);
  const knownConnections = countsOf(before.connections, connectionId);
  const refusals = after.refusals
    .filter(({ device_key }) => device_key === concern.key || device_key === '')
    .filter((refusal) => refusal.count > (knownRefusals.get(refusalId(refusal)) ?? 0))
    .map((refusal): News => ({ kind: 'refusal', id: refusalId(refusal), at: Date.parse(refusal.last_at), refusal }));
  const connections = after.connections
    .filter((event) => {
      const known = knownConnections.get(connectionId(event)) ?? 0;
      return event.count > known && isOurs(event, known === 0, concern);
    })
    .map((event): News => ({ kind: 'connection', id: connectionId(event), at: Date.parse(event.last_at), event }));
  return [...refusals, ...connections].toSorted((left, right) => right.at - left.at);
}
