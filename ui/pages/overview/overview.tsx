import { useRef } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import { call, type Reply } from '../../api/client.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { openCount } from '../../state/alarms.ts';
import { registryVersion } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { beginAnew } from '../../state/session.ts';
import { text } from '../../text/overview.ts';
import { NoneYet } from '../devices/none-yet.tsx';
import { Appliance } from './appliance.tsx';
import { Attention } from './attention.tsx';
import { Calm } from './calm.tsx';

/** Values in between come by the stream; this brings who is where, and what has become of limits. */
const EVERY_MS = 5_000;
const MAX_DEVICES = 100;

/** Only where there are alarms: what it needs is not to make the first page late. */
const OpenAlarms = lazy(() => import('./open-alarms.tsx').then((panel) => panel.OpenAlarms, beginAnew));

type Dashboard = Reply<'GET /dashboard/devices'>;

const Everything = ({ dashboard }: { dashboard: Dashboard }) => {
  const { counts, items } = dashboard;
  const attention = counts.out_of_limits + counts.offline + counts.stale;
  const isWorthAttention = (device: Dashboard['items'][number]) => device.state !== 'normal';
  const isCalm = attention === 0 && openCount() === 0;
  // It stays when the last one goes: somebody may be writing a note.
  const hadAlarms = useRef(false);
  hadAlarms.current ||= openCount() > 0;
  return (
    <>
      {hadAlarms.current && <OpenAlarms />}
      {(attention > 0 || isCalm) && <Attention devices={items.filter(isWorthAttention)} total={attention} />}
      <div class="grid grid--side">
        <Calm devices={items.filter((device) => !isWorthAttention(device))} total={counts.normal} />
        <Appliance counts={counts} />
      </div>
    </>
  );
};

/** What is abnormal first, then what is normal, then how the appliance does. */
export const Overview = () => {
  const { data, error, reload } = useResource(
    `overview ${registryVersion.value}`,
    (signal) => call('GET /dashboard/devices', { query: { limit: MAX_DEVICES }, signal }),
    { everyMs: EVERY_MS, keepsData: true },
  );
  const counts = data?.counts;
  const attention = counts === undefined ? 0 : counts.out_of_limits + counts.offline + counts.stale;
  const total = attention + (counts?.normal ?? 0);
  const alarms = openCount();
  return (
    <Page
      title={text.title}
      sub={
        total > 0 &&
        [alarms > 0 && text.alarmsOpen(alarms), text.summary(attention, total, alarms > 0)].filter(Boolean).join(', ')
      }
      actions={
        total > 0 && (
          <ButtonLink look="quiet" icon="screen" href="/?kiosk=1" target="_blank" class="hide-sm">
            {text.wall}
          </ButtonLink>
        )
      }
    >
      {data === undefined && error === undefined && (
        <Panel title={text.attention}>
          <Skeleton lines={5} height="1.5rem" />
        </Panel>
      )}
      {data === undefined && error !== undefined && <Failed error={error} retry={reload} />}
      {data !== undefined &&
        (total === 0 ? (
          <Panel title={text.devices}>
            <NoneYet />
          </Panel>
        ) : (
          <Everything dashboard={data} />
        ))}
    </Page>
  );
};
