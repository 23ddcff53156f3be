import type { Alarm } from '../../api/schema.ts';
import { useAcknowledging } from '../../components/acknowledge.tsx';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { SEVERITIES } from '../../components/severity.tsx';
import { useAlarmNews } from '../../state/alarm-news.ts';
import { alarmCounts, openAlarmsOf, openCount } from '../../state/alarms.ts';
import { useResource } from '../../state/resource.ts';
import { returns } from '../../state/stream.ts';
import { text } from '../../text/overview.ts';
import { bySeverity } from '../alarms/alarm-order.ts';
import { AlarmRow } from '../alarms/alarm-row.tsx';

/** Rows shown; the rest is one click away. */
const MAX_ROWS = 6;

async function fetchWorst(signal: AbortSignal): Promise<readonly Alarm[]> {
  const found: Alarm[] = [];
  for (const severity of SEVERITIES) {
    const isAny = (alarmCounts.peek()?.open[severity] ?? 0) > 0;
    const room = MAX_ROWS - found.length;
    if (isAny && room > 0) found.push(...(await openAlarmsOf(severity, room, signal)));
  }
  return found.toSorted(bySeverity);
}

/** The worst of the alarms that are to be looked at, while there is one. */
export const OpenAlarms = () => {
  const { data, error, reload, refresh } = useResource(`worst alarms ${returns.value}`, fetchWorst, {
    keepsData: true,
  });
  useAlarmNews(refresh);
  const { acknowledge, dialog } = useAcknowledging(reload);
  const rest = openCount() - (data?.length ?? 0);
  return (
    <>
      {openCount() > 0 && (
        <Panel
          title={text.alarms}
          flush
          side={<span class="panel__note">{text.worstFirst}</span>}
          foot={
            <span class="row row--between row--wrap">
              <span>{data !== undefined && rest > 0 && text.moreAlarms(rest)}</span>
              <a href="/alarms">{text.allAlarms}</a>
            </span>
          }
        >
          {data === undefined && (
            <div class="panel__body">
              {error === undefined ? <Skeleton lines={3} height="1.5rem" /> : <Failed error={error} retry={reload} />}
            </div>
          )}
          <ul class="list">
            {data?.map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} acknowledge={acknowledge} />
            ))}
          </ul>
        </Panel>
      )}
      {dialog}
    </>
  );
};
