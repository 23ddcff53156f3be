import type { Changed, RowChange, RowValues } from '../store/changes.ts';
import { AUDITED, type AuditedTable } from './audited-tables.ts';

/** What something was done to. */
export interface Target {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

/** What became of it: of a change only what differs; null where it was not there. */
export interface ToldChange extends Target {
  readonly before: RowValues | null;
  readonly after: RowValues | null;
}

/** What stands in an entry beside who, when and where. */
export interface Content {
  readonly changes?: readonly ToldChange[];
  /** How many more, by kind. */
  readonly more?: Readonly<Record<string, number>>;
  /** Of an act that changes no row. */
  readonly details?: RowValues;
}

/** What an entry says, apart from who does it. */
export interface NewEntry {
  readonly action: string;
  /** Whose admins see it; null: only the owners of the appliance. */
  readonly factoryId: number | null;
  readonly target: Target;
  readonly content: Content;
}

/** Of one entry (bytes of JSON); what is left out is counted. */
const MAX_CONTENT_BYTES = 8_192;
/** Of one value, which may be a list; the rest of a longer text is cut off. */
const MAX_TEXT = 1_000;
const MAX_VALUE = 2_000;

const RANKS = new Map(AUDITED.map((table, rank) => [table.table, { ...table, rank }]));

/** A value that is no longer than it need be. */
function cutValue(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const most = typeof value === 'string' ? MAX_TEXT : MAX_VALUE;
  return text !== undefined && text.length > most ? `${text.slice(0, MAX_TEXT)}…` : value;
}

const cut = (values: RowValues | null): RowValues | null =>
  values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, cutValue(value)]));

/** As it is kept: JSON of whole characters. */
export const writeContent = ({ changes, more, details }: Content): string =>
  JSON.stringify({ changes, more, ...(details && { details: cut(details) }) }).toWellFormed();

/** A name as it is kept: one line of at most so many characters. */
export const plainText = (text: string, most = 300): string =>
  text
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, most)
    .toWellFormed();

const eventOf = ({ before, after }: RowChange) => (before === null ? 'create' : after === null ? 'delete' : 'update');

interface Ranked {
  readonly change: RowChange;
  readonly table: AuditedTable & { readonly rank: number };
}

function contentOf(ranked: readonly Ranked[], omitted: Changed['omitted']): Content {
  const changes: ToldChange[] = [];
  const more: Record<string, number> = {};
  for (const [table, count] of Object.entries(omitted)) more[RANKS.get(table)?.kind ?? table] = count;
  let bytes = 0;
  for (const { change, table } of ranked) {
    const { id, name, before, after } = change;
    const told = { kind: table.kind, id, name: plainText(name), before: cut(before), after: cut(after) };
    bytes += Buffer.byteLength(JSON.stringify(told));
    if (bytes <= MAX_CONTENT_BYTES || changes.length === 0) changes.push(told);
    else more[table.kind] = (more[table.kind] ?? 0) + 1;
  }
  return { changes, ...(Object.keys(more).length > 0 && { more }) };
}

/**
 * What a transaction has changed, as entries: one for each factory that it touched, and one for what is of none, so that
 * nobody reads of another factory in their own audit. The weightiest change gives the entry its name.
 *
 * @param factoryId - of the scope that it ran in: then all is that factory's
 */
export function entriesOf({ rows, omitted }: Changed, factoryId: number | null): NewEntry[] {
  const groups = new Map<number | null, Ranked[]>();
  for (const change of rows) {
    const table = RANKS.get(change.table);
    if (table === undefined) continue;
    const owner = factoryId ?? change.factoryId;
    groups.set(owner, [...(groups.get(owner) ?? []), { change, table }]);
  }
  const largest = [...groups].toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0];
  return [...groups].flatMap(([owner, group]): NewEntry[] => {
    const ranked = group.toSorted((one, other) => one.table.rank - other.table.rank);
    const [first] = ranked;
    if (first === undefined) return [];
    const { change, table } = first;
    return [
      {
        action: table.actionOf?.(change) ?? `${table.kind}.${eventOf(change)}`,
        factoryId: owner,
        target: { kind: table.kind, id: change.id, name: change.name },
        content: contentOf(ranked, owner === largest ? omitted : {}),
      },
    ];
  });
}
