import { call } from '../../api/client.ts';
import type { Alarm } from '../../api/schema.ts';
import { useAcknowledging } from '../../components/acknowledge.tsx';
import { Panel } from '../../components/panel.tsx';
import { useAlarmNews } from '../../state/alarm-news.ts';
import { alarmsVersion } from '../../state/alarms.ts';
import { withQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { text } from '../../text/device.ts';
import { bySeverity } from '../alarms/alarm-order.ts';
import { AlarmRow } from '../alarms/alarm-row.tsx';

/** Rows shown; the rest is one click away. */
const MAX_ROWS = 6;
const OPEN = { status: 'active,acknowledged,cleared', shelved: 'false', suppressed: 'false', limit: 200 } as const;

async function fetchOpen(deviceId: string, signal: AbortSignal): Promise<readonly Alarm[]> {
  const { items } = await call('GET /alerts', { query: { ...OPEN, device_id: deviceId }, signal });
  return items.toSorted(bySeverity);
}

/** The alarms of a device that are to be looked at, the worst first, while there is one. */
export const DeviceAlarms = ({ deviceId }: { deviceId: string }) => {
  const { data, reload, refresh } = useResource(
    `open alarms of ${deviceId} ${alarmsVersion()}`,
    (signal) => fetchOpen(deviceId, signal),
    { keepsData: true },
  );
  useAlarmNews(refresh, deviceId);
  const { acknowledge, dialog } = useAcknowledging(reload);
  const alarms = data ?? [];
  const rest = alarms.length - MAX_ROWS;
  return (
    <>
      {alarms.length > 0 && (
        <Panel
          title={text.openAlarms}
          flush
          foot={
            <span class="row row--between row--wrap">
              <span>{rest > 0 && text.moreAlarms(rest)}</span>
              <a href={withQuery('/alarms', { tab: 'history', device: deviceId })}>{text.pastAlarms}</a>
            </span>
          }
        >
          <ul class="list">
            {alarms.slice(0, MAX_ROWS).map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} acknowledge={acknowledge} />
            ))}
          </ul>
        </Panel>
      )}
      {dialog}
    </>
  );
};
