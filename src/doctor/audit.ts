import { existsSync } from 'node:fs';
import { auditOf } from '../audit/audit.ts';
import { systemCode } from '../core/errors.ts';
import type { DataDir } from '../store/data-dir.ts';
import { createSql, openDatabase } from '../store/sqlite.ts';
import { type Finding, failure, fine } from './finding.ts';

const REMEDY =
  'somebody has changed control.db or removed audit.head past the appliance: keep a copy of the whole data directory as evidence, and compare it with the exports and the log, which says from time to time how far the audit had come';

/**
 * Whether the audit is as the appliance wrote it; names the first entry that is not. It holds against whoever can write
 * `control.db` and cannot read `secret.key`, and not against a whole data directory that is put back to an older copy.
 */
export function checkAudit({ controlDb, secretKey, auditHead }: DataDir): Finding[] {
  if (!existsSync(controlDb) || !existsSync(secretKey)) return [];
  const db = openDatabase(controlDb, { readonly: true });
  try {
    const isThere = db.prepare("select 1 from sqlite_schema where name = 'audit_entries'").get() !== undefined;
    // The next start brings the database up to date, and begins the audit.
    if (!isThere) return [];
    const { entries, lastSeq, head, faults } = db.transaction(() => auditOf(createSql(db), { secretKey, auditHead }))();
    const [first] = faults;
    if (first === undefined) {
      return [
        fine(
          'audit',
          `all ${entries} entries of the audit are as written; the last is ${lastSeq}, sealed ${head.slice(0, 16)}`,
        ),
      ];
    }
    const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
    return [failure('audit', `the audit is not as it was written: ${first.message}${more}`, REMEDY)];
  } catch (error) {
    const code = systemCode(error) ?? String(error);
    return [
      failure('audit', `the audit cannot be read (${code})`, 'see what is said of the databases, and look again'),
    ];
  } finally {
    db.close();
  }
}
