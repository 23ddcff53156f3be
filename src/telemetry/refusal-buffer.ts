/** Payload bytes kept with a refusal. */
const KEPT_PAYLOAD_BYTES = 512;

/** What is counted in one row: how often, from when to when (epoch ms), and the newest words and payload. */
export interface Counted {
  readonly factoryId: number | null;
  count: number;
  firstAt: number;
  lastAt: number;
  detail: string;
  payload: Buffer | null;
}

/** One more of the same. */
export interface Occurrence {
  readonly detail: string;
  /** As `keptPart` makes it. */
  readonly payload: Buffer | null;
  /** One when absent. */
  readonly count?: number;
  /** It counts what found no room, and so is taken at the bound too: to be one row of a factory. */
  readonly isRest?: boolean;
}

/** Rows that wait for the disk. A factory has room for so many, so that a flood against one takes none of another. */
export interface RefusalBuffer<Row extends object> {
  readonly size: number;
  /** Counts an occurrence in its row, `key` for short; false when the row would be new and the factory has no room. */
  note(factoryId: number | null, key: string, row: Row, now: number, occurrence: Occurrence): boolean;
  /** The oldest rows. */
  first(limit: number): [key: string, row: Row & Counted][];
  remove(keys: Iterable<string>): void;
  removeFactory(factoryId: number): void;
}

/** The beginning of a payload. A copy: the payload is a slice of the socket's buffer, and would keep all of it. */
export const keptPart = (payload: Buffer): Buffer => Buffer.from(payload.subarray(0, KEPT_PAYLOAD_BYTES));

export function createRefusalBuffer<Row extends object>(maxRows: number): RefusalBuffer<Row> {
  const rows = new Map<string, Row & Counted>();
  const held = new Map<number | null, number>();
  const hold = (factoryId: number | null, change: number) => {
    const count = (held.get(factoryId) ?? 0) + change;
    if (count > 0) held.set(factoryId, count);
    else held.delete(factoryId);
  };
  const remove = (keys: Iterable<string>) => {
    for (const key of keys) {
      const row = rows.get(key);
      if (row === undefined) continue;
      rows.delete(key);
      hold(row.factoryId, -1);
    }
  };
  return {
    get size() {
      return rows.size;
    },
    note: (factoryId, key, row, now, { detail, payload, count = 1, isRest = false }) => {
      let counted = rows.get(key);
      if (counted === undefined) {
        if (!isRest && (held.get(factoryId) ?? 0) >= maxRows) return false;
        counted = { ...row, factoryId, count: 0, firstAt: now, lastAt: now, detail, payload };
        rows.set(key, counted);
        hold(factoryId, 1);
      }
      Object.assign(counted, {
        count: counted.count + count,
        lastAt: now,
        detail,
        payload: payload ?? counted.payload,
      });
      return true;
    },
    first: (limit) => [...rows].slice(0, limit),
    remove,
    removeFactory: (factoryId) => remove([...rows].flatMap(([key, row]) => (row.factoryId === factoryId ? [key] : []))),
  };
}
