import type { ActorKind } from '../core/act.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, SqlValue, Store } from '../store/store.ts';
import type { Content, Target } from './content.ts';

/** One act, as the audit tells it. */
export interface Entry {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly action: string;
  readonly actor: { readonly kind: ActorKind; readonly id: string; readonly name: string };
  readonly address: string;
  readonly requestId: string;
  readonly target: Target;
  readonly content: Content;
}

/** The same for the owners of the appliance: with its place in the audit, and the factory, which may be gone. */
export interface PlacedEntry extends Entry {
  readonly seq: number;
  readonly hash: Buffer;
  readonly factorySlug: string | null;
}

/** Which entries; all when left out. Times: epoch ms. */
export interface EntryFilter {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Part of who did it, or the kind of it. */
  readonly actor?: string | undefined;
  /** As it is called, or how it begins: `device.` */
  readonly action?: string | undefined;
  /** Part of what it was done to, or the kind of it. */
  readonly target?: string | undefined;
  /** Anywhere in an entry. */
  readonly text?: string | undefined;
  /** Of a factory, by its slug; `''`: of none. Only for owners. */
  readonly factory?: string | undefined;
}

export interface EntryPage<Item> {
  /** Newest first. */
  readonly items: readonly Item[];
  /** The id to go on after, though this page may be empty: what is looked through for one page is bounded. Null at the end. */
  readonly after: string | null;
}

/** Reads the audit. */
export interface Entries {
  /** Of one factory. */
  list(scope: FactoryScope, filter: EntryFilter, page: PageOfEntries): EntryPage<Entry>;
  /** Of all factories and of none: for the owners of the appliance. */
  listAll(filter: EntryFilter, page: PageOfEntries): EntryPage<PlacedEntry>;
}

export interface PageOfEntries {
  readonly limit: number;
  /** The id of the entry that the page before ended with. */
  readonly after?: string | undefined;
}

/** Entries looked through for one page, so that no question holds up the appliance. */
const MAX_SCANNED = 2_000;

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly factory_slug: string | null;
  readonly action: string;
  readonly actor_kind: ActorKind;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly address: string;
  readonly request_id: string;
  readonly target_kind: string;
  readonly target_id: string;
  readonly target_name: string;
  readonly content: string;
  readonly hash: Buffer;
}

const COLUMNS = `seq, id, at, factory_slug, action, actor_kind, actor_id, actor_name, address, request_id, target_kind,
  target_id, target_name, content, hash`;

/** Of an entry that was tampered with, nothing; `verification` says so. */
function contentOf(json: string): Content {
  try {
    return JSON.parse(json) as Content;
  } catch {
    return {};
  }
}

const entryOf = (row: Row): Entry => ({
  id: row.id,
  at: row.at,
  action: row.action,
  actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
  address: row.address,
  requestId: row.request_id,
  target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
  content: contentOf(row.content),
});

const placedOf = (row: Row): PlacedEntry => ({
  ...entryOf(row),
  seq: row.seq,
  hash: row.hash,
  factorySlug: row.factory_slug,
});

/** What is asked of an entry, as SQL, beside its time. */
function conditionsOf({ actor, action, target, text, factory }: EntryFilter): { sql: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const add = (sql: string, ...given: SqlValue[]) => {
    parts.push(sql);
    values.push(...given);
  };
  const anyOf = (part: string, ...columns: string[]) =>
    add(`(${columns.map((column) => `mentions(${column}, ?)`).join(' or ')})`, ...columns.map(() => part));
  if (actor !== undefined) anyOf(actor, 'actor_name', 'actor_id', 'actor_kind');
  if (action?.endsWith('.') === true) add('substr(action, 1, ?) = ?', action.length, action);
  else if (action !== undefined) add('action = ?', action);
  if (target !== undefined) anyOf(target, 'target_name', 'target_id', 'target_kind');
  if (text !== undefined) {
    anyOf(text, 'action', 'actor_name', 'address', 'request_id', 'target_name', 'target_id', 'content');
  }
  if (factory !== undefined) add("coalesce(factory_slug, '') = ?", factory);
  return { sql: parts.length === 0 ? 'true' : parts.join(' and '), values };
}

interface Place {
  readonly at: number;
  readonly seq: number;
}

function read(sql: SqlReads, filter: EntryFilter, { limit, after }: PageOfEntries): EntryPage<Row> {
  const { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = filter;
  let begin: Place = { at: to, seq: 0 };
  if (after !== undefined) {
    const last = sql.get<Place>('select at, seq from audit_entries where id = ?', after);
    // It has gone by its age, and what is older with it.
    if (last === undefined) return { items: [], after: null };
    if (last.at < to) begin = last;
  }
  const window = `from audit_entries where at >= ? and at <= ? and (at, seq) < (?, ?) order by at desc, seq desc`;
  const span = [from, begin.at, begin.at, begin.seq];
  const { sql: condition, values } = conditionsOf(filter);
  const rows = sql.all<Row>(
    `select ${COLUMNS} from (select * ${window} limit ${MAX_SCANNED}) where ${condition} order by at desc, seq desc limit ?`,
    ...span,
    ...values,
    limit + 1,
  );
  if (rows.length > limit) return { items: rows.slice(0, limit), after: rows[limit - 1]?.id ?? null };
  const last = sql.get<{ id: string }>(`select id ${window} limit 1 offset ${MAX_SCANNED - 1}`, ...span);
  return { items: rows, after: last?.id ?? null };
}

export function createEntries(store: Pick<Store, 'read' | 'systemRead'>): Entries {
  return {
    list: (scope, { factory: _, ...filter }, page) => {
      const { items, after } = store.read(scope, (sql) => read(sql, filter, page));
      return { items: items.map(entryOf), after };
    },
    listAll: (filter, page) => {
      const { items, after } = store.systemRead('read the audit', (sql) => read(sql, filter, page));
      return { items: items.map(placedOf), after };
    },
  };
}
