import { readFileSync } from 'node:fs';
import type { SqlReads } from '../store/store.ts';
import { createSeals } from './chain.ts';
import { createAuditHead } from './head.ts';
import { type AuditReport, verifyAudit } from './verification.ts';

/**
 * Verifies an audit from outside, while the appliance runs or not; changes nothing.
 *
 * @param files - of the appliance's key, and of the audit's head
 * @throws as the file system does when the key cannot be read
 */
export function auditOf(sql: SqlReads, files: { readonly secretKey: string; readonly auditHead: string }): AuditReport {
  const seals = createSeals(readFileSync(files.secretKey));
  return verifyAudit(sql, seals, createAuditHead(files.auditHead, seals).read());
}
