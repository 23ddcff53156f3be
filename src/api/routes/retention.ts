import * as z from 'zod';
import type { Factories } from '../../accounts/accounts.ts';
import { AppError } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import type { FactoryDays, Retention } from '../../historian/historian.ts';
import { type Route, route } from '../route.ts';
import { idParams } from '../wire.ts';

const TAG = 'Storage';
/** A hundred years. */
const MAX_DAYS = 36_525;

const days = z.int().min(1).max(MAX_DAYS);

const keptSchema = z.strictObject({
  raw_days: days.describe('Single samples are accepted, and kept, up to this age'),
  minute_days: days.nullable().describe('What is rolled up by the minute; null: for ever'),
  quarter_days: days.nullable().describe('What is rolled up by the quarter of an hour; null: for ever'),
});

export const retentionSchema = z
  .object({
    ...keptSchema.shape,
    raw_days: days.nullable().describe('Single samples are accepted, and kept, up to this age; null: for ever'),
    is_own: z.boolean().describe('Said of this factory; else it is what the configuration says of all'),
  })
  .meta({ id: 'Retention' });

export const retentionReply = (kept: FactoryDays): z.input<typeof retentionSchema> => ({
  raw_days: kept.raw,
  minute_days: kept['1m'],
  quarter_days: kept['15m'],
  is_own: kept.isOwn,
});

export interface RetentionRoutesDeps {
  readonly factories: Pick<Factories, 'scopeByUuid'>;
  readonly retention: Pick<Retention, 'daysOf' | 'keep'>;
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
    return retentionReply(retention.daysOf(scope.factoryId));
  };
  return [
    route({
      method: 'put',
      path: '/factories/:id/retention',
      access: 'super_admin',
      summary: 'Keep the history of a factory for so long; what is older goes within minutes, and does not come back',
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
