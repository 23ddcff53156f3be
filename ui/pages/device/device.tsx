import { useEffect } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { call } from '../../api/client.ts';
import type { Device as Changed, DeviceDetail } from '../../api/schema.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { Age, StatusChip } from '../../components/status.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { liveDevice, registryVersion } from '../../state/live.ts';
import { useQuery, withQuery } from '../../state/query.ts';
import { type Resource, useResource } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { returns } from '../../state/stream.ts';
import { text } from '../../text/device.ts';
import { CommandsTab } from './commands-tab.tsx';
import { ConnectionTab } from './connection-tab.tsx';
import { DeviceActions } from './device-actions.tsx';
import { DeviceAlarms } from './device-alarms.tsx';
import { LiveTab } from './live-tab.tsx';
import { ParametersTab } from './parameters-tab.tsx';
import { RejectsTab } from './rejects-tab.tsx';
import { StandingBanner } from './standing.tsx';
import { useAskedValues } from './use-asked-values.ts';
import { useParameters } from './use-parameters.ts';

const TABS = ['live', 'parameters', 'commands', 'connection', 'rejects'] as const;
const REJECTS_EVERY_MS = 5_000;
const DECIDED_EVERY_MS = 5_000;
const CRUMBS = [[text.devices, '/devices']] as const;

const Sub = ({ device }: { device: DeviceDetail }) => {
  const live = liveDevice(device.id);
  const seenAt = live.lastSeenAt ?? (device.last_seen_at === null ? null : Date.parse(device.last_seen_at));
  return (
    <span class="row row--wrap">
      <StatusChip status={live.status ?? device.status}>
        <span class="muted device__age">
          <Age at={seenAt} />
        </span>
      </StatusChip>
      {device.key !== device.name && <span class="muted mono">{device.key}</span>}
      {device.tags.map((tag) => (
        <a key={tag} class="chip chip--plain" href={withQuery('/devices', { tag })} title={text.ofTag(tag)}>
          {tag}
        </a>
      ))}
      {device.aliases.length > 0 && <span class="muted">{text.alsoKnownAs(device.aliases.join(', '))}</span>}
    </span>
  );
};

const NotFound = () => (
  <Page title={text.notFoundTitle} crumbs={CRUMBS}>
    <section class="panel">
      <Empty
        icon="search"
        title={text.notFoundTitle}
        action={<ButtonLink href="/devices">{text.toDevices}</ButtonLink>}
      >
        {text.notFoundBody}
      </Empty>
    </section>
  </Page>
);

interface KnownProps {
  readonly device: DeviceDetail;
  readonly set: (device: DeviceDetail) => void;
  readonly reload: () => void;
}

/** While it waits, somebody else may let it in, and the stream says nothing of it. */
function useDecision({ standing }: DeviceDetail, reload: () => void): void {
  useEffect(() => {
    if (standing !== 'pending') return undefined;
    const timer = setInterval(reload, DECIDED_EVERY_MS);
    return () => clearInterval(timer);
  }, [standing, reload]);
}

const Known = ({ device, set, reload }: KnownProps) => {
  const { values } = useQuery();
  // Addresses and user names are for those who look after devices.
  const tabs = TABS.filter((id) => id !== 'connection' || may('devices'));
  const tab = tabs.find((id) => id === values.tab) ?? 'live';
  const parameters = useParameters(device.id);
  useAskedValues(device);
  useDecision(device, reload);
  const rejects = useResource(
    `rejects ${device.id}`,
    async (signal) => (await call('GET /devices/{id}/rejects', { path: { id: device.id }, signal })).items,
    { everyMs: REJECTS_EVERY_MS },
  );
  const change = (changed: Changed) => set({ ...device, ...changed });
  const counts = {
    live: undefined,
    parameters: parameters.all?.length,
    commands: undefined,
    connection: undefined,
    rejects: rejects.data?.reduce((sum, { count }) => sum + count, 0) || undefined,
  };
  return (
    <Page
      title={device.name}
      crumbs={CRUMBS}
      sub={<Sub device={device} />}
      actions={<DeviceActions device={device} parameters={parameters.all} onChanged={change} />}
    >
      <StandingBanner device={device} onChanged={change} />
      <Tabs
        label={text.device}
        tabs={tabs.map((id) => ({ id, label: text.tabs[id], count: counts[id] }))}
        current={tab}
        hrefOf={(id) => withQuery(location.pathname + location.search, { tab: id === 'live' ? undefined : id })}
      />
      {tab === 'live' && <DeviceAlarms deviceId={device.id} />}
      {tab === 'live' && <LiveTab device={device} parameters={parameters} />}
      {tab === 'parameters' && <ParametersTab device={device} parameters={parameters} />}
      {tab === 'commands' && <CommandsTab device={device} />}
      {tab === 'connection' && <ConnectionTab device={device} />}
      {tab === 'rejects' && <RejectsTab device={device} rejects={rejects} parameters={parameters} />}
    </Page>
  );
};

const Opening = ({ resource }: { resource: Resource<DeviceDetail> }) => (
  <Page title={text.device} crumbs={CRUMBS}>
    <section class="panel">
      {resource.error === undefined ? (
        <div class="panel__body">
          <Skeleton lines={6} height="1.5rem" />
        </div>
      ) : (
        <Failed error={resource.error} retry={resource.reload} />
      )}
    </section>
  </Page>
);

/** One device: how it is doing, what it sends, and what was refused. It draws itself from what the device sends. */
export const Device = () => {
  const { id = '' } = useRoute().params;
  const resource = useResource(
    `device ${id} ${registryVersion.value} ${returns.value}`,
    (signal) => call('GET /devices/{id}', { path: { id }, signal }),
    { keepsData: true },
  );
  const { data, error, set, reload } = resource;
  if (error?.status === 404) return <NotFound />;
  if (data === undefined || data.id !== id) return <Opening resource={resource} />;
  return <Known key={id} device={data} set={set} reload={reload} />;
};
