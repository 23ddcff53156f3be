import * as z from 'zod';
import { type ClockGuard, DOUBT_ENDS, DOUBT_REASONS, type Doubt } from '../../core/clock-guard.ts';
import { AppError } from '../../core/errors.ts';
import type { ClockWatch } from '../../store/clock-watch.ts';
import { type Route, route } from '../route.ts';
import { isoTime, isoTimeSchema } from '../wire.ts';

const TAG = 'Clock';

const reasonSchema = z.enum(DOUBT_REASONS);
const jumpSchema = z.int().describe('How far the clock is from what was expected (ms); negative: behind');

const clockSchema = z
  .object({
    trusted: z.boolean(),
    now: isoTimeSchema.describe("What the machine's clock says"),
    used: isoTimeSchema.describe('The time that the appliance goes on with: the same, unless the clock is in doubt'),
    reason: reasonSchema.nullable().describe('Why it is in doubt; null when it is trusted'),
    since: isoTimeSchema.nullable(),
    jump_ms: jumpSchema,
    can_confirm: z.boolean().describe('False when there is no doubt, and before the build date: set the clock first'),
    periods: z
      .array(
        z.object({
          began_at: isoTimeSchema.describe('Arrival stamps of what came in this period begin here'),
          ended_at: isoTimeSchema.nullable().describe('… and end here; null while it lasts'),
          reason: reasonSchema,
          jump_ms: jumpSchema,
          ended_by: z.enum(DOUBT_ENDS).nullable(),
        }),
      )
      .describe('In which the clock was not trusted, newest first, at most 1,000'),
  })
  .meta({ id: 'Clock' });

const periodReply = ({ beganAt, endedAt, reason, jumpMs, endedBy }: Doubt) => ({
  began_at: isoTime(beganAt),
  ended_at: endedAt === null ? null : isoTime(endedAt),
  reason,
  jump_ms: jumpMs,
  ended_by: endedBy,
});

export interface ClockRoutesDeps {
  readonly guard: ClockGuard;
  readonly watch: Pick<ClockWatch, 'doubts' | 'confirm'>;
}

/** `/clock`: whether the time is trusted, and the word of a person that it is right. */
export function clockRoutes({ guard, watch }: ClockRoutesDeps): Route[] {
  const reply = (): z.input<typeof clockSchema> => {
    const periods = watch.doubts().map(periodReply);
    const { doubt } = guard;
    return {
      trusted: doubt === null,
      now: isoTime(guard.wallNow()),
      used: isoTime(guard.now()),
      reason: doubt?.reason ?? null,
      since: doubt === null ? null : isoTime(doubt.beganAt),
      jump_ms: doubt === null ? 0 : guard.wallNow() - guard.trustedNow(),
      can_confirm: guard.canConfirm,
      periods,
    };
  };
  return [
    route({
      method: 'get',
      path: '/clock',
      access: 'signed_in',
      summary: 'Whether the clock is trusted, and when it was not',
      tag: TAG,
      reply: clockSchema,
      handle: reply,
    }),
    route({
      method: 'post',
      path: '/clock/confirm',
      access: 'signed_in',
      summary: 'Say that the clock is right: for admins and owners; 409 when it is trusted, or before the build date',
      tag: TAG,
      reply: clockSchema,
      handle: ({ identity, log }) => {
        if (!identity.isSuperAdmin && identity.factory?.role !== 'admin') {
          throw new AppError('forbidden', 'only admins of a factory and owners of the appliance may do this');
        }
        watch.confirm();
        log.info('the clock was confirmed');
        return reply();
      },
    }),
  ];
}
