import * as z from 'zod';
import type { Verifier, VerifyProgress } from '../../historian/historian.ts';
import { type Route, route } from '../route.ts';
import { isoTime, isoTimeSchema } from '../wire.ts';

const count = z.int();

export const verificationSchema = z
  .object({
    state: z.enum(['running', 'done', 'failed']),
    started_at: isoTimeSchema,
    finished_at: isoTimeSchema.nullable(),
    files: count.describe('Looked at so far'),
    total_files: count,
    bytes: z.int(),
    total_bytes: z.int(),
    damaged: count.describe('Found damaged or missing, those in quarantine included'),
    returned: count.describe('Found whole again, and taken back into the answers'),
    reason: z.string().nullable().describe('Why it failed'),
  })
  .meta({ id: 'Verification' });

export function verificationReply(progress: VerifyProgress): z.input<typeof verificationSchema> {
  const { startedAt, finishedAt, files, totalFiles, bytes, totalBytes, damaged, returned, failure } = progress;
  return {
    state: finishedAt === null ? 'running' : failure === null ? 'done' : 'failed',
    started_at: isoTime(startedAt),
    finished_at: finishedAt === null ? null : isoTime(finishedAt),
    files,
    total_files: Math.max(totalFiles, files),
    bytes,
    total_bytes: Math.max(totalBytes, bytes),
    damaged,
    returned,
    reason: failure,
  };
}

/** `POST /storage/verify`. */
export const verificationRoutes = ({ verifier }: { verifier: Pick<Verifier, 'verifyAll'> }): Route[] => [
  route({
    method: 'post',
    path: '/storage/verify',
    access: 'super_admin',
    summary: 'Verify all files of the history, those in quarantine too; `GET /storage` says how it goes',
    tag: 'Storage',
    status: 202,
    reply: verificationSchema,
    handle: () => verificationReply(verifier.verifyAll()),
    act: () => ({ action: 'history.verify', target: { kind: 'history', id: '', name: '' } }),
  }),
];
