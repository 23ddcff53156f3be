import type { Certificate, ConnectionInfo, Tls } from '../../../api/schema.ts';
import { ButtonLink } from '../../../components/button.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { Banner } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { QrCode } from '../../../components/qr.tsx';
import { text } from '../../../text/certificates.ts';
import { bareHost, isLoopback } from '../../connect/snippets.ts';
import { dayOf } from '../sizes.ts';
import { CA_DER_PATH, CA_FILE, CA_PATH } from './platforms.ts';

const Fingerprint = ({ of }: { of: Certificate }) => (
  <>
    <dt>{text.fingerprint}</dt>
    <dd>
      <span class="mono cert__print">{of.fingerprint_sha256}</span>
      <CopyButton value={of.fingerprint_sha256} label={text.copyFingerprint} />
    </dd>
  </>
);

const HOST = bareHost(location.hostname);
/** A star stands for one label. */
const isNamed = (names: readonly string[], host: string) =>
  names.includes(host) || names.includes(host.replace(/^[^.]+/, '*'));

/** What clients see: by which names, till when, and whether something is wrong with it. */
export const ServerPanel = ({ tls, info }: { tls: Tls; info: ConnectionInfo }) => {
  const { certificate, source, renews_at, fault } = tls;
  return (
    <>
      {fault !== null && <Banner severity="high">{fault}</Banner>}
      {!isNamed(certificate.names, HOST.toLowerCase()) && <Banner severity="medium">{text.wrongName(HOST)}</Banner>}
      {info.listen === 'loopback' && <Banner>{text.loopbackOnly}</Banner>}
      <Panel title={text.server}>
        <dl class="kv">
          <dt>{text.names}</dt>
          <dd>
            <ul class="cert__names mono">
              {certificate.names.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </dd>
          <dt>{text.validUntil}</dt>
          <dd>{dayOf(certificate.valid_until)}</dd>
          {renews_at !== null && (
            <>
              <dt>{text.renews}</dt>
              <dd>{text.renewsFrom(dayOf(renews_at))}</dd>
            </>
          )}
          <dt>{text.source}</dt>
          <dd>{text.sources[source]}</dd>
          <Fingerprint of={certificate} />
        </dl>
      </Panel>
    </>
  );
};

/** The CA, to be given to clients: as a file, and as a picture for telephones. */
export const CaPanel = ({ ca }: { ca: Certificate | null }) => {
  if (ca === null) {
    return (
      <Panel title={text.ca}>
        <p class="soft">{text.noCa}</p>
      </Panel>
    );
  }
  return (
    <Panel title={text.ca}>
      <div class="stack">
        <p class="soft">{text.caBody}</p>
        <div class="row row--wrap">
          <ButtonLink look="primary" icon="download" href={CA_PATH} download={CA_FILE}>
            {text.download}
          </ButtonLink>
          <ButtonLink icon="download" href={CA_DER_PATH} download="factoryops-ca.der">
            {text.downloadDer}
          </ButtonLink>
        </div>
        <dl class="kv">
          <dt>{text.caName}</dt>
          <dd>{ca.subject}</dd>
          <dt>{text.validUntil}</dt>
          <dd>{dayOf(ca.valid_until)}</dd>
          <Fingerprint of={ca} />
        </dl>
        <p class="small soft">{text.compare}</p>
        {!isLoopback(HOST) && (
          <div class="once__qr">
            <QrCode value={location.origin + CA_PATH} label={text.qr} />
            <p class="small soft">{text.qrHint}</p>
          </div>
        )}
      </div>
    </Panel>
  );
};
