import * as z from 'zod';
import type { AlarmQuality, Alarms, Figure } from '../../alarms/alarms.ts';
import { AppError } from '../../core/errors.ts';
import { type Route, route } from '../route.ts';
import { isoTime, isoTimeSchema } from '../wire.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 92;

const figureShape = {
  value: z.number(),
  target: z.number().describe('Up to this it is good'),
  maximum: z.number().describe('Up to this it is acceptable'),
  verdict: z
    .enum(['good', 'acceptable', 'poor'])
    .nullable()
    .describe('null: with fewer than 50 alarms, shares say nothing'),
};
const figure = z.object(figureShape).meta({ id: 'AlarmFigure' });
const figureReply = ({ value, target, maximum, verdict }: Figure) => ({ value, target, maximum, verdict });

const qualitySchema = z
  .object({
    from: isoTimeSchema,
    to: isoTimeSchema,
    alarms: z.int().describe('Raised in this time and shown to people: neither shelved nor suppressed at that moment'),
    per_day: figure,
    per_ten_minutes: figure,
    peak_per_ten_minutes: z.object({ ...figureShape, at: isoTimeSchema.nullable() }),
    over_ten_percent: figure.describe('Of the periods of ten minutes, those with more than ten alarms'),
    flood_percent: figure.describe(
      'Of the time: from ten minutes with more than ten alarms to the next with fewer than five',
    ),
    severities_percent: z.object({ low: figure, medium: figure, high: figure, critical: figure }),
    top_ten_percent: figure.describe('Of all alarms, those of the ten most frequent'),
    bad_actors: z
      .array(
        z.object({
          rule_id: z.uuid(),
          rule_name: z.string(),
          device_id: z.uuid(),
          device_key: z.string(),
          count: z.int(),
          percent: z.number(),
        }),
      )
      .describe('The ten most frequent'),
    chattering: figure,
    fleeting: figure.describe('Gone within a minute, without chattering'),
    stale: figure.describe('The most that had stood for over a day at the end of one'),
    acknowledged: z.int(),
    median_seconds_to_acknowledge: z.number().nullable(),
    last_day: z
      .array(z.object({ from: isoTimeSchema, count: z.int() }))
      .describe('How many were raised in each ten minutes of the last day, the oldest first'),
  })
  .meta({ id: 'AlarmQuality' });

const qualityReply = (from: number, to: number, quality: AlarmQuality): z.input<typeof qualitySchema> => ({
  from: isoTime(from),
  to: isoTime(to),
  alarms: quality.alarms,
  per_day: figureReply(quality.perDay),
  per_ten_minutes: figureReply(quality.perTenMinutes),
  peak_per_ten_minutes: {
    ...figureReply(quality.peakPerTenMinutes),
    at: quality.peakPerTenMinutes.at === null ? null : isoTime(quality.peakPerTenMinutes.at),
  },
  over_ten_percent: figureReply(quality.overTen),
  flood_percent: figureReply(quality.flood),
  severities_percent: {
    low: figureReply(quality.severities.low),
    medium: figureReply(quality.severities.medium),
    high: figureReply(quality.severities.high),
    critical: figureReply(quality.severities.critical),
  },
  top_ten_percent: figureReply(quality.topTen),
  bad_actors: quality.badActors.map(({ ruleId, ruleName, deviceId, deviceKey, count, share }) => ({
    rule_id: ruleId,
    rule_name: ruleName,
    device_id: deviceId,
    device_key: deviceKey,
    count,
    percent: share,
  })),
  chattering: figureReply(quality.chattering),
  fleeting: figureReply(quality.fleeting),
  stale: figureReply(quality.stale),
  acknowledged: quality.acknowledged,
  median_seconds_to_acknowledge: quality.secondsToAcknowledge,
  last_day: quality.lastDay.map((period) => ({ from: isoTime(period.from), count: period.count })),
});

export interface AlarmQualityRoutesDeps {
  readonly alarms: Pick<Alarms, 'quality'>;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
}

/** `/alarm-quality`: whether people can deal with the alarms that they are shown. */
export function alarmQualityRoutes({ alarms, now }: AlarmQualityRoutesDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/alarm-quality',
      access: { factory: 'viewer' },
      summary: 'How good the alarms are, by the metrics and limits of ISA-18.2 and EEMUA 191, for one operator',
      tag: 'Alarms',
      query: z.strictObject({
        from: isoTimeSchema.optional().describe('30 days before `to` when left out'),
        to: isoTimeSchema.optional().describe('Now, when left out or later'),
      }),
      reply: qualitySchema,
      isHeavy: true,
      handle: async ({ scope, query }) => {
        const to = Math.min(query.to === undefined ? now() : Date.parse(query.to), now());
        const from = query.from === undefined ? to - 30 * DAY_MS : Date.parse(query.from);
        if (from >= to || to - from > MAX_DAYS * DAY_MS) {
          const message = `\`from\` has to be before \`to\` and now, and by ${MAX_DAYS} days at most`;
          throw new AppError('invalid_input', message, { faults: [{ pointer: '/from', message }] });
        }
        return qualityReply(from, to, await alarms.quality(scope, from, to));
      },
    }),
  ];
}
