import * as z from 'zod';
import { ALARM_STATUSES, type AlarmFilter } from '../alarms/alarms.ts';
import { SEVERITIES } from '../rules/rules.ts';
import { idSchema, isoTimeSchema, pageQuery } from './wire.ts';

/** Several words of a list, separated by commas. */
const severalOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words)))
    .optional()
    .describe(`Of ${words.join(', ')}; several, separated by commas`);

const flagQuery = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .optional();

/** Which alarms are asked for, and in what form. */
export const alarmQuery = z.strictObject({
  status: severalOf(ALARM_STATUSES),
  severity: severalOf(SEVERITIES),
  device_id: idSchema.optional(),
  rule_id: idSchema.optional(),
  from: isoTimeSchema.optional().describe('Raised then or later'),
  to: isoTimeSchema.optional().describe('Raised before'),
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('In the message, the name of the rule, the key or name of the device; or a number'),
  shelved: flagQuery,
  suppressed: flagQuery,
  format: z.enum(['json', 'csv']).default('json').describe('CSV holds all of them, whatever the `limit`'),
  ...pageQuery,
});

/** The same as the alarms take it. */
export const alarmFilter = (query: z.output<typeof alarmQuery>): AlarmFilter => ({
  statuses: query.status,
  severities: query.severity,
  deviceId: query.device_id,
  ruleId: query.rule_id,
  from: query.from === undefined ? undefined : Date.parse(query.from),
  to: query.to === undefined ? undefined : Date.parse(query.to),
  text: query.q,
  isShelved: query.shelved,
  isSuppressed: query.suppressed,
});
