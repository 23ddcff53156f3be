import type { Context } from 'koa';
import * as z from 'zod';
import {
  type Audit,
  type Entry,
  type EntryFilter,
  exportEntries,
  type PlacedEntry,
  type ReadEntries,
} from '../../audit/audit.ts';
import { ACTOR_KINDS } from '../../core/act.ts';
import type { Clock } from '../../core/clock.ts';
import { type Route, type RouteAct, rawReply, route } from '../route.ts';
import { decodeCursor, encodeCursor, isoTime, isoTimeSchema, listSchema, pageQuery } from '../wire.ts';

const TAG = 'Audit';

const text = (what: string) => z.string().max(200).optional().describe(what);

const filterQuery = {
  from: isoTimeSchema.optional().describe('Inclusive'),
  to: isoTimeSchema.optional().describe('Exclusive'),
  actor: text('Part of the name or id of who did it, or the kind of it'),
  action: text('As it is called; or with a full stop at the end, how it begins: `device.`'),
  target: text('Part of the name or id of what it was done to, or the kind of it'),
  q: text('Anywhere in an entry'),
};

const factoryQuery = {
  factory: z.string().max(40).optional().describe('Of the factory of this slug, even if it is gone; empty: of none'),
};

const values = z.record(z.string(), z.unknown());
const targetShape = {
  kind: z.string().meta({ examples: ['device'] }),
  id: z.string(),
  name: z.string(),
};

const entryShape = {
  id: z.uuid(),
  at: isoTimeSchema,
  action: z.string().meta({ examples: ['device.update'] }),
  actor: z.object({
    kind: z.enum(ACTOR_KINDS).describe('`nobody`: who has not said who they are; `system`: the appliance by itself'),
    id: z.string(),
    name: z.string(),
  }),
  address: z.string().describe('Where it came from; empty for what the appliance does by itself'),
  request_id: z.string().describe('As in the log and in the answer'),
  target: z.object(targetShape),
  changes: z
    .array(
      z.object({
        ...targetShape,
        before: values.nullable().describe('Of a change, only what differs; null: it was not there'),
        after: values.nullable().describe('null: it is gone. Secrets are only said to be set or changed'),
      }),
    )
    .describe('The first one is that of `target`'),
  more: z.record(z.string(), z.int()).describe('Further changes that are not told one by one, by kind'),
  details: values.nullable().describe('Of an act that changes nothing: what was asked for'),
};

const entrySchema = z.object(entryShape).meta({ id: 'AuditEntry' });
const placedSchema = z
  .object({
    seq: z.int().describe('Its number in the audit of the whole appliance'),
    factory: z.string().nullable().describe('Slug of the factory, which may be gone; null: of the appliance'),
    ...entryShape,
    hash: z.string().describe('Over this entry and the one before (HMAC-SHA-256, hexadecimal)'),
  })
  .meta({ id: 'ApplianceAuditEntry' });

const reportSchema = z
  .object({
    checked_at: isoTimeSchema,
    entries: z.int(),
    first_seq: z.int().describe('The oldest entry that is kept'),
    last_seq: z.int(),
    head: z.string().describe('Hash of the newest entry: noted elsewhere, it shows later that nothing was put back'),
    faults: z
      .array(
        z.object({
          from_seq: z.int(),
          to_seq: z.int(),
          reason: z.enum(['altered', 'missing', 'added', 'ends_altered', 'put_back', 'noted']),
          message: z.string(),
        }),
      )
      .describe('What is not as the appliance wrote it, at most some; none: all of it is'),
  })
  .meta({ id: 'AuditVerification' });

const entryReply = ({
  id,
  at,
  action,
  actor,
  address,
  requestId,
  target,
  content,
}: Entry): z.input<typeof entrySchema> => ({
  id,
  at: isoTime(at),
  action,
  actor,
  address,
  request_id: requestId,
  target,
  changes: (content.changes ?? []).map((change) => ({ ...change })),
  more: { ...content.more },
  details: content.details ?? null,
});

const placedReply = (entry: PlacedEntry): z.input<typeof placedSchema> => ({
  seq: entry.seq,
  factory: entry.factorySlug,
  ...entryReply(entry),
  hash: entry.hash.toString('hex'),
});

const filterSchema = z.strictObject({ ...filterQuery, ...factoryQuery });

const filterOf = ({ from, to, q, ...same }: z.output<typeof filterSchema>): EntryFilter => ({
  ...same,
  from: from === undefined ? undefined : Date.parse(from),
  to: to === undefined ? undefined : Date.parse(to),
  text: q,
});

const pageOf = ({ limit, cursor }: { limit: number; cursor?: string | undefined }) => ({
  limit,
  after: cursor === undefined ? undefined : String(decodeCursor(cursor)),
});

const cursorOf = (after: string | null) => (after === null ? null : encodeCursor(after));

const formatQuery = { format: z.enum(['csv', 'json']).default('csv') };
const FILES = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' } as const;

function fileReply(
  ctx: Context,
  read: ReadEntries,
  format: 'csv' | 'json',
  options: { isPlaced: boolean; day: string },
) {
  ctx.set('Content-Disposition', `attachment; filename="audit-${options.day}.${format}"`);
  return rawReply(FILES[format], exportEntries(read, format, options.isPlaced));
}

const exported = (details: Record<string, unknown>, factoryId?: null): RouteAct => ({
  action: 'audit.export',
  target: { kind: 'audit', id: '', name: '' },
  details,
  ...(factoryId === null && { factoryId }),
});

/** `/audit`: who did what. A factory's admins see what was done in it; the owners of the appliance see everything. */
export function auditRoutes({
  audit,
  clock,
}: {
  audit: Pick<Audit, 'list' | 'listAll' | 'verify'>;
  clock: Clock;
}): Route[] {
  const day = () => isoTime(clock.now()).slice(0, 10);
  return [
    route({
      method: 'get',
      path: '/audit',
      access: { factory: 'admin' },
      summary:
        'What was done in the factory, newest first; a page may be short or empty while there is more: go on with `next_cursor`',
      tag: TAG,
      query: z.strictObject({ ...filterQuery, ...pageQuery }),
      reply: listSchema(entrySchema),
      handle: ({ scope, query: { limit, cursor, ...filter } }) => {
        const { items, after } = audit.list(scope, filterOf(filter), pageOf({ limit, cursor }));
        return { items: items.map(entryReply), next_cursor: cursorOf(after) };
      },
    }),
    route({
      method: 'get',
      path: '/audit/export',
      access: { factory: 'admin' },
      isHeavy: true,
      summary: 'The same as a file',
      tag: TAG,
      query: z.strictObject({ ...filterQuery, ...formatQuery }),
      reply: 'text',
      alsoProduces: ['text/csv', 'application/json'],
      handle: ({ scope, query: { format, ...filter }, ctx }) =>
        fileReply(ctx, (page) => audit.list(scope, filterOf(filter), page), format, { isPlaced: false, day: day() }),
      act: ({ query }) => exported(query),
    }),
    route({
      method: 'get',
      path: '/audit/appliance',
      access: 'super_admin',
      summary:
        'What was done on the whole appliance, in factories that are gone too, newest first; pages as those of `/audit`',
      tag: TAG,
      query: z.strictObject({ ...filterQuery, ...factoryQuery, ...pageQuery }),
      reply: listSchema(placedSchema),
      handle: ({ query: { limit, cursor, ...filter } }) => {
        const { items, after } = audit.listAll(filterOf(filter), pageOf({ limit, cursor }));
        return { items: items.map(placedReply), next_cursor: cursorOf(after) };
      },
    }),
    route({
      method: 'get',
      path: '/audit/appliance/export',
      access: 'super_admin',
      isHeavy: true,
      summary: 'The same as a file',
      tag: TAG,
      query: z.strictObject({ ...filterQuery, ...factoryQuery, ...formatQuery }),
      reply: 'text',
      alsoProduces: ['text/csv', 'application/json'],
      handle: ({ query: { format, ...filter }, ctx }) =>
        fileReply(ctx, (page) => audit.listAll(filterOf(filter), page), format, { isPlaced: true, day: day() }),
      act: ({ query }) => exported(query, null),
    }),
    route({
      method: 'get',
      path: '/audit/verification',
      access: 'super_admin',
      isHeavy: true,
      summary:
        'Go through the whole audit and say whether it is as the appliance wrote it; the first entry that is not comes first',
      tag: TAG,
      reply: reportSchema,
      handle: async () => {
        const { entries, firstSeq, lastSeq, head, faults } = await audit.verify();
        return {
          checked_at: isoTime(clock.now()),
          entries,
          first_seq: firstSeq,
          last_seq: lastSeq,
          head,
          faults: faults.map(({ fromSeq, toSeq, reason, message }) => ({
            from_seq: fromSeq,
            to_seq: toSeq,
            reason,
            message,
          })),
        };
      },
    }),
  ];
}
