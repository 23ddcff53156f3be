import * as z from 'zod';
import { type Accounts, type Factory, isTimezone, SLUG_PATTERN } from '../../accounts/accounts.ts';
import type { Removal } from '../../telemetry/telemetry.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Factories';

const factorySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    slug: z.string(),
    timezone: z.string(),
    is_demo: z.boolean().describe('Its machines are simulated, and it may be removed'),
    created_at: isoTimeSchema,
  })
  .meta({ id: 'Factory' });

const factoryReply = ({ scope, name, isDemo, createdAt }: Factory): z.input<typeof factorySchema> => ({
  id: scope.factoryUuid,
  name,
  slug: scope.slug,
  timezone: scope.timezone,
  is_demo: isDemo,
  created_at: isoTime(createdAt),
});

/** `/factories`: for the owners of the appliance. */
export function factoryRoutes({ accounts: { factories } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'post',
      path: '/factories',
      access: 'super_admin',
      summary: 'Add a factory',
      tag: TAG,
      status: 201,
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        slug: z.string().regex(SLUG_PATTERN, '1 to 40 lower-case letters, digits and inner hyphens'),
        timezone: z.string().max(64).refine(isTimezone, 'not a known IANA time zone, such as Europe/Berlin'),
      }),
      reply: factorySchema,
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
  ];
}

/** `DELETE /factories/:id`: apart from the others, because it reaches into every part that keeps something of one. */
export function factoryRemovalRoutes({ removal }: { removal: Removal }): Route[] {
  return [
    route({
      method: 'delete',
      path: '/factories/:id',
      access: 'super_admin',
      summary: 'Remove a demo factory with everything in it; 409 for any other',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ params }) => removal.removeFactory(params.id),
    }),
  ];
}
