import { call } from '../../../api/client.ts';
import type { ConnectionInfo } from '../../../api/schema.ts';
import { Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useResource } from '../../../state/resource.ts';
import { text } from '../../../text/certificates.ts';
import { bareHost } from '../../connect/snippets.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { DevicePanel } from './device-panel.tsx';
import { InstallPanel } from './install-panel.tsx';
import type { Reach } from './platforms.ts';
import { CaPanel, ServerPanel } from './server-panels.tsx';

const reachOf = ({ mqtt, factory_slug }: ConnectionInfo): Reach => ({
  origin: location.origin,
  host: bareHost(location.hostname),
  mqttsPort: mqtt.tls_port ?? 8_883,
  topic: `factories/${factory_slug}/devices/M01/telemetry`,
});

const Certificates = () => {
  const { data, error, reload } = useResource('tls', async (signal) => {
    const [tls, info] = await Promise.all([call('GET /tls', { signal }), call('GET /connection-info', { signal })]);
    return { tls, info };
  });
  if (data === undefined) {
    return (
      <SettingsPage part="certificates">
        <Panel title={text.server}>
          {error === undefined ? <Skeleton lines={5} /> : <Failed error={error} retry={reload} />}
        </Panel>
      </SettingsPage>
    );
  }
  const { tls, info } = data;
  const reach = reachOf(info);
  return (
    <SettingsPage part="certificates">
      <ServerPanel tls={tls} info={info} />
      <CaPanel ca={tls.ca} />
      {tls.ca !== null && <InstallPanel reach={reach} />}
      <DevicePanel mode={tls.client_certificates} reach={reach} />
    </SettingsPage>
  );
};

/** Settings, Certificates: how clients trust the appliance, and how devices prove who they are. */
export const CertificatesSettings = guarded('certificates', Certificates);
