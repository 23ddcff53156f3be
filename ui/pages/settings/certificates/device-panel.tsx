import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { DeviceCertificate, DeviceCredential, Tls } from '../../../api/schema.ts';
import { Button, ButtonLink } from '../../../components/button.tsx';
import { Confirm } from '../../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { applianceNow } from '../../../state/clock.ts';
import { useQuery } from '../../../state/query.ts';
import { useResource } from '../../../state/resource.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/certificates.ts';
import { dayOf } from '../sizes.ts';
import { NewCertificate } from './new-certificate.tsx';
import type { Reach } from './platforms.ts';

/** So long before its end somebody should see to it. */
const SOON_MS = 60 * 86_400_000;

/** The state of a certificate, now. */
function stateOf({ expires_at, revoked_at }: DeviceCertificate, now: number): 'good' | 'expired' | 'revoked' {
  if (revoked_at !== null) return 'revoked';
  return Date.parse(expires_at) <= now ? 'expired' : 'good';
}

const State = ({ certificate }: { certificate: DeviceCertificate }) => {
  const now = applianceNow();
  const state = stateOf(certificate, now);
  if (state !== 'good') return <span class="muted">{text.states[state]}</span>;
  const isLate = Date.parse(certificate.expires_at) < now + SOON_MS;
  return isLate ? <span class="set__stopped">{text.expiresSoon}</span> : text.states.good;
};

const columnsWith = (revoke: (certificate: DeviceCertificate) => void): readonly Column<DeviceCertificate>[] => [
  {
    id: 'name',
    label: text.name,
    class: 'wide set__who',
    cell: ({ name, serial }) => (
      <>
        <b class="strong">{name}</b>
        <span class="sub mono" title={text.serial}>
          {serial}
        </span>
      </>
    ),
  },
  { id: 'state', label: text.state, class: 'nowrap', cell: (certificate) => <State certificate={certificate} /> },
  { id: 'created', label: text.created, class: 'nowrap', cell: ({ created_at }) => dayOf(created_at) },
  { id: 'expires', label: text.expires, class: 'nowrap', cell: ({ expires_at }) => dayOf(expires_at) },
  {
    id: 'revoke',
    label: text.revoke,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (certificate) =>
      stateOf(certificate, applianceNow()) === 'good' && (
        <Button
          small
          look="quiet"
          icon="trash"
          label={text.revokeOf(certificate.name)}
          onClick={() => revoke(certificate)}
        />
      ),
  },
];

/** The certificates of one credential. */
const OfCredential = ({ credential, reach }: { credential: DeviceCredential; reach: Reach }) => {
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<DeviceCertificate>();
  const { data, error, reload } = useResource(`certificates ${credential.id}`, (signal) =>
    call('GET /device-credentials/{id}/certificates', { path: { id: credential.id }, signal }),
  );
  const columns = useMemo(() => columnsWith(setAsked), []);
  const revoke = ({ id, name }: DeviceCertificate) =>
    call('DELETE /device-credentials/{id}/certificates/{certificate}', {
      path: { id: credential.id, certificate: id },
    })
      .then(() => toast(text.revoked(name)), toastError)
      .then(() => {
        reload();
        setAsked(undefined);
      });
  const make = (
    <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
      {text.make}
    </Button>
  );
  const isEmpty = data?.items.length === 0;
  return (
    <>
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {isEmpty && (
        <Empty icon="key" title={text.noneTitle(credential.username)} action={make}>
          {text.noneBody}
        </Empty>
      )}
      {data !== undefined && !isEmpty && (
        <>
          <Table class="set__table" label={text.devices} columns={columns} rows={data.items} keyOf={({ id }) => id} />
          <div class="panel__foot">{make}</div>
        </>
      )}
      {isMaking && (
        <NewCertificate credential={credential} reach={reach} onClose={() => setMaking(false)} onMade={reload} />
      )}
      {asked !== undefined && (
        <Confirm
          title={text.revokeTitle(asked.name)}
          verb={text.revokeVerb}
          onConfirm={() => revoke(asked)}
          onClose={() => setAsked(undefined)}
        >
          {text.revokeBody}
        </Confirm>
      )}
    </>
  );
};

interface DevicePanelProps {
  readonly mode: Tls['client_certificates'];
  readonly reach: Reach;
}

/** What devices sign in with instead of a password. */
export const DevicePanel = ({ mode, reach }: DevicePanelProps) => {
  const { values, set } = useQuery();
  const { data, error, reload } = useResource('device-credentials', (signal) =>
    everyPage((query) => call('GET /device-credentials', { query, signal })),
  );
  const chosen = data?.find(({ name }) => name === values.of) ?? data?.[0];
  return (
    <Panel
      title={text.devices}
      flush
      side={
        chosen !== undefined && (
          <label class="cert__platform">
            <span class="sr">{text.credential}</span>
            <select
              class="select"
              value={chosen.name}
              onChange={(event) => set({ of: event.currentTarget.value }, { replace: true })}
            >
              {data?.map(({ id, name, username }) => (
                <option key={id} value={name}>
                  {username}
                </option>
              ))}
            </select>
          </label>
        )
      }
    >
      <div class="panel__body stack stack--tight small soft">
        <p>{text.devicesBody}</p>
        <p>{text.modes[mode]}</p>
      </div>
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data !== undefined && chosen === undefined && (
        <Empty
          icon="key"
          title={text.noCredentialTitle}
          action={
            <ButtonLink look="primary" icon="plus" href="/connect">
              {text.connect}
            </ButtonLink>
          }
        >
          {text.noCredentialBody}
        </Empty>
      )}
      {chosen !== undefined && <OfCredential key={chosen.id} credential={chosen} reach={reach} />}
    </Panel>
  );
};
