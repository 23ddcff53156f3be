import type { Readable } from 'node:stream';
import * as z from 'zod';
import {
  type Accounts,
  type Factory,
  type FactoryLimits,
  isTimezone,
  SLUG_PATTERN,
  UNITS,
} from '../../accounts/accounts.ts';
import { AppError } from '../../core/errors.ts';
import type { Removal } from '../../telemetry/telemetry.ts';
import { type Route, rawReply, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Factories';

const factorySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    slug: z.string(),
    timezone: z.string(),
    units: z.enum(UNITS).describe('In which units the pages show values'),
    is_demo: z.boolean().describe('Its machines are simulated'),
    created_at: isoTimeSchema,
    archived_at: isoTimeSchema
      .nullable()
      .describe('Out of use since then: nobody enters it, nothing is stored for it, and all that it has is kept'),
  })
  .meta({ id: 'Factory' });

const factoryReply = ({
  scope,
  name,
  isDemo,
  createdAt,
  archivedAt,
  units,
}: Factory): z.input<typeof factorySchema> => ({
  id: scope.factoryUuid,
  name,
  slug: scope.slug,
  timezone: scope.timezone,
  units,
  is_demo: isDemo,
  created_at: isoTime(createdAt),
  archived_at: archivedAt === null ? null : isoTime(archivedAt),
});

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .meta({ examples: ['Plant north'] });
const timezoneSchema = z
  .string()
  .max(64)
  .refine(isTimezone, 'not a known IANA time zone, such as Europe/Berlin')
  .meta({ examples: ['Europe/Berlin'] });

const most = z.int().min(1).max(1_000_000);
const ownLimits = {
  devices: most.nullable(),
  requests_per_s: most.nullable().describe('Of all its people and keys; ten seconds’ worth at once'),
  streams: most.nullable().describe('Open event streams'),
  heavy_queries: most.nullable().describe('Questions to the history, and exports, at the same time'),
};

const limitsSchema = z
  .object({
    ...ownLimits,
    configured: z.object({ devices: most, requests_per_s: most, streams: most, heavy_queries: most }),
  })
  .describe('null: as configured')
  .meta({ id: 'FactoryLimits' });

function limitsReply(limits: FactoryLimits, uuid: string): z.input<typeof limitsSchema> {
  const onWire = <T>(of: { devices: T; requestsPerS: T; streams: T; heavyQueries: T }) => ({
    devices: of.devices,
    requests_per_s: of.requestsPerS,
    streams: of.streams,
    heavy_queries: of.heavyQueries,
  });
  return { ...onWire(limits.ownOf(uuid)), configured: onWire(limits.configured) };
}

export interface FactoryUseRoutesDeps {
  readonly accounts: Accounts;
  readonly removal: Pick<Removal, 'removeFactory' | 'disconnectFactory'>;
  readonly isImporting: (factoryId: number) => boolean;
  /** All of a factory as a ZIP file. @throws {AppError} `not_found`, `busy` */
  readonly archiveOf: (uuid: string, signal: AbortSignal) => Promise<{ fileName: string; content: Readable }>;
}

/** `/factories`: for the owners of the appliance. */
export function factoryRoutes({ accounts: { factories, limits } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'post',
      path: '/factories',
      access: 'super_admin',
      summary: 'Add a factory',
      tag: TAG,
      status: 201,
      body: z.strictObject({
        name: nameSchema,
        slug: z
          .string()
          .regex(SLUG_PATTERN, '1 to 40 lower-case letters, digits and inner hyphens')
          .meta({ examples: ['plant-north'] }),
        timezone: timezoneSchema,
      }),
      reply: factorySchema,
      refuses: ['conflict'],
      handle: ({ body }) => factoryReply(factories.create(body)),
    }),
    route({
      method: 'get',
      path: '/factories',
      access: 'super_admin',
      summary: 'All factories, by slug',
      tag: TAG,
      query: z.strictObject(pageQuery),
      reply: listSchema(factorySchema),
      handle: ({ query: { limit, cursor } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        const rest = factories.list().filter((factory) => factory.scope.slug > after);
        return pageOf(rest, limit, (factory) => factory.scope.slug, factoryReply);
      },
    }),
    route({
      method: 'patch',
      path: '/factories/:id',
      access: 'super_admin',
      summary:
        'Rename a factory, or set the zone of its calendar or the units of its pages; its slug stays, as it stands in the topics of devices',
      tag: TAG,
      params: idParams,
      body: z.strictObject({
        name: nameSchema.optional(),
        timezone: timezoneSchema.optional(),
        units: z.enum(UNITS).optional(),
      }),
      reply: factorySchema,
      handle: ({ params, body }) => factoryReply(factories.change(params.id, body)),
    }),
    route({
      method: 'get',
      path: '/factories/:id/limits',
      access: 'super_admin',
      summary: 'What a factory may take of the appliance',
      tag: TAG,
      params: idParams,
      reply: limitsSchema,
      handle: ({ params }) => limitsReply(limits, params.id),
    }),
    route({
      method: 'put',
      path: '/factories/:id/limits',
      access: 'super_admin',
      summary: 'Set what a factory may take of the appliance; null: as configured',
      tag: TAG,
      params: idParams,
      body: z.strictObject(ownLimits),
      reply: limitsSchema,
      handle: ({ params, body }) => {
        limits.set(params.id, {
          devices: body.devices,
          requestsPerS: body.requests_per_s,
          streams: body.streams,
          heavyQueries: body.heavy_queries,
        });
        return limitsReply(limits, params.id);
      },
    }),
  ];
}

/** Those that end, or begin, what other parts do for a factory. */
export function factoryUseRoutes({
  accounts: { factories },
  removal,
  isImporting,
  archiveOf,
}: FactoryUseRoutesDeps): Route[] {
  return [
    route({
      method: 'post',
      path: '/factories/:id/archive',
      access: 'super_admin',
      summary: 'Take a factory out of use: its connections end, nobody enters it, and all that it has is kept',
      tag: TAG,
      params: idParams,
      reply: factorySchema,
      refuses: ['conflict'],
      handle: ({ params }) => {
        const scope = factories.scopeByUuid(params.id);
        if (scope !== undefined && isImporting(scope.factoryId)) {
          throw new AppError('conflict', 'something is being imported into it: wait for that, or delete the import');
        }
        const factory = factories.archive(params.id, true);
        removal.disconnectFactory(factory.scope.factoryId);
        return factoryReply(factory);
      },
    }),
    route({
      method: 'post',
      path: '/factories/:id/restore',
      access: 'super_admin',
      summary: 'Take a factory back into use',
      tag: TAG,
      params: idParams,
      reply: factorySchema,
      handle: ({ params }) => factoryReply(factories.archive(params.id, false)),
    }),
    route({
      method: 'get',
      path: '/factories/:id/export',
      access: 'super_admin',
      isHeavy: true,
      summary:
        'All of a factory as a ZIP file: settings, devices, people and rights as JSON, and every sample as CSV. Without secrets',
      tag: TAG,
      params: idParams,
      reply: 'text',
      alsoProduces: ['application/zip'],
      handle: async ({ params, ctx }) => {
        const left = new AbortController();
        ctx.res.once('close', () => left.abort());
        const { fileName, content } = await archiveOf(params.id, left.signal);
        ctx.set('Content-Disposition', `attachment; filename="${fileName}"`);
        return rawReply('application/zip', content);
      },
      act: ({ params }) => {
        const factory = factories.byUuid(params.id);
        const target = { kind: 'factory', id: params.id, name: factory?.name ?? '' };
        return { action: 'factory.export', target, factoryId: factory?.scope.factoryId };
      },
    }),
    route({
      method: 'delete',
      path: '/factories/:id',
      access: 'super_admin',
      summary: 'Remove a factory with everything in it, for good; logins that belong to nothing any more go too',
      tag: TAG,
      params: idParams,
      query: z.strictObject({
        confirm: z.string().max(64).describe("The factory's slug, so that it is this one that goes"),
      }),
      reply: 'empty',
      handle: ({ params, query }) => removal.removeFactory(params.id, query.confirm),
    }),
  ];
}
