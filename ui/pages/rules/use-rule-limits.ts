import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { Alarm } from '../../api/schema.ts';
import type { RuleLimit } from '../../charts/rule-limits.ts';
import { useResource } from '../../state/resource.ts';
import { returns } from '../../state/stream.ts';
import { allRules } from './rule-facts.ts';
import { ruleLimits, versionLimits } from './rule-overlay.ts';

/** Rules change seldom: an edit elsewhere is seen after a minute. */
const EVERY_MS = 60_000;

/** The values at which the factory's rules fire, each with the devices that it is for; for the charts of any of them. */
export function useRuleLimits(): readonly RuleLimit[] | undefined {
  const { data } = useResource(
    `limits ${returns.value}`,
    async (signal) => {
      const [rules, devices] = await Promise.all([
        allRules(signal),
        everyPage((query) => call('GET /devices', { query, signal })),
      ]);
      return ruleLimits(rules, devices);
    },
    { everyMs: EVERY_MS, keepsData: true },
  );
  return data;
}

/**
 * The values at which an alarm was raised: those of the version that raised it, for a rule that was changed or deleted
 * since, too. Undefined until they are known, and for a version that is not kept any more.
 */
export function useAlarmLimits(
  alarm: Pick<Alarm, 'rule_id' | 'rule_version' | 'device_id'>,
): readonly RuleLimit[] | undefined {
  const { rule_id: id, rule_version: version, device_id: deviceId } = alarm;
  const { data } = useResource(`limits of alarm ${id} ${version} ${deviceId} ${returns.value}`, async (signal) =>
    versionLimits(await call('GET /rules/{id}/versions/{version}', { path: { id, version }, signal }), deviceId),
  );
  return data;
}
