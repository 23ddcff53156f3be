import { readFileSync } from 'node:fs';
import { writePrivateFile } from '../core/private-file.ts';
import { isSameSeal, type Seals } from './chain.ts';
import type { Newest } from './trail.ts';

/**
 * How far the audit had come, in a file beside the database (`audit.head`): a database that is put back to an older copy
 * of itself then says less than the file.
 */
export interface AuditHead {
  /** Null when there is no such file, or it is not the appliance's. */
  read(): Newest | null;
  /** Whole or not at all; @throws as the file system does */
  write(newest: Newest): void;
}

const parts = ({ seq, hash }: Newest) => `head ${seq} ${hash.toString('hex')}`;

export function createAuditHead(file: string, seals: Seals): AuditHead {
  return {
    read: () => {
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
      } catch {
        return null;
      }
      const [, number = '', hex = '', seal = ''] = /^head (\d{1,15}) ([0-9a-f]*) ([0-9a-f]{64})\n$/.exec(text) ?? [];
      const newest = { seq: Number(number), hash: Buffer.from(hex, 'hex') };
      return isSameSeal(seals.text(parts(newest)), Buffer.from(seal, 'hex')) ? newest : null;
    },
    write: (newest) => {
      writePrivateFile(file, `${parts(newest)} ${seals.text(parts(newest)).toString('hex')}\n`);
    },
  };
}
