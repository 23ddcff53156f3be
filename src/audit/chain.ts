import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What stands before the first entry ever. */
export const NO_HASH: Buffer = Buffer.alloc(0);

/** Columns of an entry in the order in which they are sealed. Texts may come as their bytes. */
export interface SealedFields {
  readonly seq: number;
  readonly id: string | Buffer;
  readonly at: number;
  readonly factoryId: number | null;
  readonly factorySlug: string | Buffer | null;
  readonly action: string | Buffer;
  readonly actorKind: string | Buffer;
  readonly actorId: string | Buffer;
  readonly actorName: string | Buffer;
  readonly address: string | Buffer;
  readonly requestId: string | Buffer;
  readonly targetKind: string | Buffer;
  readonly targetId: string | Buffer;
  readonly targetName: string | Buffer;
  readonly content: string | Buffer;
}

/** Where the audit begins and ends. */
export interface Ends {
  readonly firstSeq: number;
  readonly beforeHash: Buffer;
  readonly lastSeq: number;
  readonly lastHash: Buffer;
}

/** An entry as it is stored. */
export interface StoredSeal {
  readonly fields: SealedFields;
  /** Of the entry before. */
  readonly beforeHash: Buffer;
  readonly hash: Buffer;
}

/** Something in the audit that is not as the appliance wrote it, and where: an entry, or the span of missing ones. */
export interface AuditFault {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: 'altered' | 'missing' | 'added' | 'ends_altered' | 'put_back' | 'noted';
  readonly message: string;
}

/**
 * Seals entries, each over the hash of the one before, and the ends. HMAC-SHA-256 (RFC 2104) with a key of its own: who can
 * write the database and cannot read the appliance's key can neither make an entry nor a shorter audit that holds.
 */
export interface Seals {
  /** The hash of an entry, over that of the one before. */
  entry(before: Buffer, fields: SealedFields): Buffer;
  ends(ends: Ends): Buffer;
  /** Of any text. */
  text(text: string): Buffer;
}

type Part = string | Buffer | number | null;

/** Each part with its kind and length before it: no two lists of parts have the same bytes. */
function bytesOf(parts: readonly Part[]): Buffer {
  const chunks: Buffer[] = [];
  for (const part of parts) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(part === null ? '' : String(part), 'utf8');
    const kind = part === null ? '0' : typeof part === 'number' ? 'n' : 't';
    chunks.push(Buffer.from(`${kind}${bytes.length};`), bytes);
  }
  return Buffer.concat(chunks);
}

/** @param secret - the appliance's own key, of which another is derived (RFC 5869): one key, one use */
export function createSeals(secret: Uint8Array): Seals {
  // As an object: made of bytes for each seal it takes longer than the seal.
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'factoryops audit', 32)));
  const seal = (purpose: string, parts: readonly Part[]) =>
    createHmac('sha256', key)
      .update(bytesOf([purpose, ...parts]))
      .digest();
  return {
    entry: (before, fields) =>
      seal('entry', [
        before,
        ...[fields.seq, fields.id, fields.at, fields.factoryId, fields.factorySlug, fields.action],
        ...[fields.actorKind, fields.actorId, fields.actorName, fields.address, fields.requestId],
        ...[fields.targetKind, fields.targetId, fields.targetName, fields.content],
      ]),
    ends: ({ firstSeq, beforeHash, lastSeq, lastHash }) => seal('ends', [firstSeq, beforeHash, lastSeq, lastHash]),
    text: (text) => seal('text', [text]),
  };
}

/** True for the same bytes, in a time that does not tell where they differ. */
export const isSameSeal = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** Of an audit that has no entry: the start that makes its tables writes the first one with them. */
export const EMPTIED = 'the audit is empty: all its entries, from entry 1 on, have been removed';

/** Faults named; what follows is as a rule the same one. */
export const MAX_FAULTS = 20;

const span = (from: number, to: number) => (from === to ? `entry ${from}` : `entries ${from} to ${to}`);

/** Goes through the audit from its oldest entry, and says at the end what is not as it was written. */
export interface ChainCheck {
  /** In the order of their numbers. */
  next(entry: StoredSeal): void;
  /** After the last entry. */
  end(): readonly AuditFault[];
}

/**
 * @param ends - as they are stored; null when they are gone
 * @param isSealed - whether their seal holds
 */
export function checkChain(seals: Seals, ends: Ends | null, isSealed: boolean): ChainCheck {
  const faults: AuditFault[] = [];
  const found = (reason: AuditFault['reason'], fromSeq: number, toSeq: number, message: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ fromSeq, toSeq, reason, message });
  };
  const missing = (from: number, to: number) =>
    found('missing', from, to, `${span(from, to)} ${from === to ? 'is' : 'are'} missing`);
  let expectedSeq = ends?.firstSeq;
  /** Of the entry before; undefined when it cannot be relied on. */
  let before = isSealed ? ends?.beforeHash : undefined;
  let lastSeq = 0;

  return {
    next: ({ fields, beforeHash, hash }) => {
      const { seq } = fields;
      const isGap = expectedSeq !== undefined && seq > expectedSeq;
      if (isGap && expectedSeq !== undefined) missing(expectedSeq, seq - 1);
      const isWhole = isSameSeal(seals.entry(beforeHash, fields), hash);
      if (ends !== null && isSealed && (seq < ends.firstSeq || seq > ends.lastSeq)) {
        found('added', seq, seq, `entry ${seq} was not written by the appliance`);
      } else if (!isWhole) {
        found('altered', seq, seq, `entry ${seq} is not as it was written`);
      } else if (!isGap && before !== undefined && !isSameSeal(before, beforeHash)) {
        // Both are the appliance's own, and do not belong together: one is of another copy of the database.
        found('altered', Math.max(seq - 1, 1), seq, `${span(Math.max(seq - 1, 1), seq)} do not follow each other`);
      }
      before = isWhole ? hash : undefined;
      expectedSeq = seq + 1;
      lastSeq = seq;
    },
    end: () => {
      if (ends === null || !isSealed) {
        const message =
          ends?.lastSeq === 0 && lastSeq === 0
            ? EMPTIED
            : ends === null
              ? 'where the audit begins and ends is not recorded any more: entries may be missing before and after'
              : `where the audit begins (entry ${ends.firstSeq}) and ends (entry ${ends.lastSeq}) is not as it was written: entries may be missing before and after`;
        found('ends_altered', 0, lastSeq, message);
      }
      if (ends !== null && lastSeq < ends.lastSeq) missing(Math.max(lastSeq + 1, ends.firstSeq), ends.lastSeq);
      else if (ends !== null && isSealed && before !== undefined && !isSameSeal(before, ends.lastHash)) {
        found('altered', lastSeq, lastSeq, `entry ${lastSeq} is not the one that was written last`);
      }
      return faults;
    },
  };
}
