import { useState } from 'preact/hooks';
import { ApiError, call, type Reply } from '../../../api/client.ts';
import type { DeviceCredential } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Choice } from '../../../components/choice.tsx';
import { Code } from '../../../components/code.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { saveFile } from '../../../components/save-file.ts';
import { Segmented } from '../../../components/tabs.tsx';
import { text } from '../../../text/certificates.ts';
import { text as common } from '../../../text/common.ts';
import { CA_FILE, type Reach } from './platforms.ts';

type Made = Reply<'POST /device-credentials/{id}/certificates'>;

const LIVES = { year: 365, two: 730, five: 1_826, ten: 3_650 } as const;
type Life = keyof typeof LIVES;
const PEM = 'application/x-pem-file';

/** A name as a file may have it. */
const fileNameOf = (name: string) => name.replace(/[^A-Za-z0-9._-]+/g, '-');

interface MadeProps {
  readonly made: Made;
  readonly reach: Reach;
  readonly onClose: () => void;
}

/** The certificate and its key, this once, and how they are used. */
const MadeCertificate = ({ made, reach, onClose }: MadeProps) => {
  const { certificate, private_key: key, details } = made;
  const file = fileNameOf(details.name);
  const tryIt = [
    `mosquitto_pub -h ${reach.host} -p ${reach.mqttsPort} --cafile ${CA_FILE} \\`,
    `  --cert ${file}.crt --key ${key === null ? 'device.key' : `${file}.key`} \\`,
    `  -t ${reach.topic} -q 1 -m '{"metrics":{"voltage":231.4}}'`,
  ].join('\n');
  return (
    <Dialog
      title={text.madeTitle(details.name)}
      onClose={onClose}
      onSubmit={onClose}
      foot={
        <Button type="submit" look="primary">
          {text.done}
        </Button>
      }
    >
      {key !== null && <p class="soft">{text.onlyNow}</p>}
      <div class="row row--wrap">
        <Button icon="download" onClick={() => saveFile(`${file}.crt`, [certificate], PEM)}>
          {text.saveCertificate}
        </Button>
        {key !== null && (
          <Button icon="download" onClick={() => saveFile(`${file}.key`, [key], PEM)}>
            {text.saveKey}
          </Button>
        )}
      </div>
      <div class="once cert__made">
        <Code label={text.certificate} copy={certificate} />
        {key !== null && <Code label={text.privateKey} copy={key} />}
        <Code label={text.tryIt} copy={tryIt} />
      </div>
    </Dialog>
  );
};

interface NewCertificateProps {
  readonly credential: DeviceCredential;
  readonly reach: Reach;
  readonly onClose: () => void;
  readonly onMade: () => void;
}

/** Makes a certificate for a credential, or has one signed. */
export const NewCertificate = ({ credential, reach, onClose, onMade }: NewCertificateProps) => {
  const [name, setName] = useState('');
  const [life, setLife] = useState<Life>('two');
  const [isSigned, setSigned] = useState(false);
  const [csr, setCsr] = useState('');
  const [faults, setFaults] = useState<{ readonly name?: string | undefined; readonly csr?: string | undefined }>({});
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<Made>();
  if (made !== undefined) return <MadeCertificate made={made} reach={reach} onClose={onClose} />;
  const submit = async () => {
    setError(undefined);
    const missing = {
      ...(name.trim() === '' && { name: text.nameMissing }),
      ...(isSigned && csr.trim() === '' && { csr: text.csrMissing }),
    };
    setFaults(missing);
    if (isBusy || Object.keys(missing).length > 0) return;
    setBusy(true);
    try {
      const body = { name: name.trim(), days: LIVES[life], ...(isSigned && { csr: csr.trim() }) };
      setMade(await call('POST /device-credentials/{id}/certificates', { path: { id: credential.id }, body }));
      onMade();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      const ofRequest = failure.faultOf('csr');
      if (ofRequest !== undefined) setFaults({ csr: ofRequest });
      else setError(failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={text.newTitle(credential.username)}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.makeVerb}
          </Button>
        </>
      }
    >
      <Field label={text.name} hint={text.nameHint} error={faults.name}>
        <input
          class="input"
          name="certificate_name"
          autocomplete="off"
          maxLength={64}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <div class="field">
        <span class="label">{text.lives}</span>
        <Segmented
          label={text.lives}
          choices={(Object.keys(LIVES) as Life[]).map((one) => [one, text.presets[one]])}
          current={life}
          onChoose={setLife}
        />
      </div>
      <fieldset class="cert__keys">
        <legend class="label">{text.keyFrom}</legend>
        <Choice
          name="key_from"
          label={text.made}
          hint={text.madeHint}
          isChosen={!isSigned}
          onChoose={() => setSigned(false)}
        />
        <Choice
          name="key_from"
          label={text.signed}
          hint={text.signedHint}
          isChosen={isSigned}
          onChoose={() => setSigned(true)}
        />
      </fieldset>
      {isSigned && (
        <Field label={text.csr} error={faults.csr}>
          <textarea
            class="input mono cert__csr"
            name="csr"
            rows={6}
            spellcheck={false}
            placeholder="-----BEGIN CERTIFICATE REQUEST-----"
            value={csr}
            onInput={(event) => setCsr(event.currentTarget.value)}
          />
        </Field>
      )}
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
