import * as z from 'zod';
import type { Factories } from '../../accounts/accounts.ts';
import { AppError } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import type { Retention, RetentionDays } from '../../historian/historian.ts';
import { type Route, route } from '../route.ts';
import { idParams } from '../wire.ts';

const TAG = 'Storage';
/** A hundred years. */
const MAX_DAYS = 36_525;

const days = z.int().min(1).max(MAX_DAYS);
/** As it stands in the configuration, too, which has no such limit. */
const daysOrEver = z.int().min(1).nullable();

const keptSchema = z.strictObject({
  raw_days: days.describe('Single samples are accepted, and kept, up to this age'),
  minute_days: days.nullable().describe('What is rolled up by the minute; null: for ever'),
  quarter_days: days.nullable().describe('What is rolled up by the quarter of an hour; null: for ever'),
});

const levels = { raw_days: daysOrEver, minute_days: daysOrEver, quarter_days: daysOrEver };

export const retentionSchema = z
  .object({
    ...levels,
    is_own: z.boolean().describe('Said of this factory; else it is what the configuration says of all'),
    configured: z.object(levels).describe('What the configuration says of all'),
  })
  .meta({ id: 'Retention' });

const daysReply = (kept: RetentionDays) => ({
  raw_days: kept.raw,
  minute_days: kept['1m'],
  quarter_days: kept['15m'],
});

export function retentionReply(
  retention: Pick<Retention, 'days' | 'daysOf'>,
  factoryId: number,
): z.input<typeof retentionSchema> {
  const kept = retention.daysOf(factoryId);
  return { ...daysReply(kept), is_own: kept.isOwn, configured: daysReply(retention.days) };
}

export interface RetentionRoutesDeps {
  readonly factories: Pick<Factories, 'scopeByUuid'>;
  readonly retention: Pick<Retention, 'days' | 'daysOf' | 'keep'>;
}

/** `/factories/:id/retention`: for how long the history of a factory is kept. `GET /storage` says it of each. */
export function retentionRoutes({ factories, retention }: RetentionRoutesDeps): Route[] {
  const scopeOf = (uuid: string): FactoryScope => {
    const scope = factories.scopeByUuid(uuid);
    if (scope === undefined) throw new AppError('not_found', 'not found');
    return scope;
  };
  const set = (uuid: string, kept: z.output<typeof keptSchema> | null): z.input<typeof retentionSchema> => {
    const scope = scopeOf(uuid);
    retention.keep(scope, kept && { raw: kept.raw_days, '1m': kept.minute_days, '15m': kept.quarter_days });
    return retentionReply(retention, scope.factoryId);
  };
  return [
    route({
      method: 'put',
      path: '/factories/:id/retention',
      access: 'super_admin',
      summary: 'Keep the history of a factory for so long; what is older goes soon, and does not come back',
      tag: TAG,
      params: idParams,
      body: keptSchema,
      reply: retentionSchema,
      handle: ({ params, body }) => set(params.id, body),
    }),
    route({
      method: 'delete',
      path: '/factories/:id/retention',
      access: 'super_admin',
      summary: 'Keep the history of a factory for as long as the configuration says',
      tag: TAG,
      params: idParams,
      reply: retentionSchema,
      handle: ({ params }) => set(params.id, null),
    }),
  ];
}
