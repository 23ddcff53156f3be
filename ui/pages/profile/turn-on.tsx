import { useState } from 'preact/hooks';
import { ApiError, call, type Reply } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { OneTimeCode } from '../../components/one-time-code.tsx';
import { QrCode } from '../../components/qr.tsx';
import { saveFile } from '../../components/save-file.ts';
import { me, reloadSession } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/profile.ts';
import { PasswordField } from './password-field.tsx';

type Begun = Reply<'POST /profile/second-factor'>;

/** A secret as it is typed: in groups of four. */
const inGroups = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ');

const Recovery = ({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) => {
  const file = text.recoveryFile(me.value?.user.email ?? '', codes.join('\n'));
  return (
    <Dialog
      title={text.recoveryTitle}
      onClose={onClose}
      onSubmit={onClose}
      foot={
        <Button type="submit" look="primary">
          {text.kept}
        </Button>
      }
    >
      <p class="soft">{text.recoveryBody}</p>
      <ul class="prof__codes mono" aria-label={text.recoveryTitle}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div class="row row--wrap prof__keep">
        <CopyButton value={file} label={text.copyCodes} />
        <Button small look="quiet" icon="book" onClick={() => window.print()}>
          {text.printCodes}
        </Button>
        <Button
          small
          look="quiet"
          icon="download"
          onClick={() => saveFile(text.recoveryName, [file], 'text/plain;charset=utf-8')}
        >
          {text.saveCodes}
        </Button>
      </div>
    </Dialog>
  );
};

const Scan = ({ begun: { uri, secret } }: { begun: Begun }) => (
  <div class="prof__scan">
    <QrCode value={uri} label={text.qr} />
    <div class="stack stack--tight">
      <p class="soft">{text.scan}</p>
      <div class="field">
        <span class="label">{text.typed}</span>
        <code class="mono prof__secret">{inGroups(secret)}</code>
        <span>
          <CopyButton value={secret} />
        </span>
      </div>
    </div>
  </div>
);

/** Turns the second factor on: the password, then the app and its first code, then the recovery codes. */
export const TurnOn = ({ onClose }: { onClose: () => void }) => {
  const [password, setPassword] = useState('');
  const [begun, setBegun] = useState<Begun>();
  const [code, setCode] = useState('');
  const [codes, setCodes] = useState<readonly string[]>();
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  if (codes !== undefined) return <Recovery codes={codes} onClose={onClose} />;

  const goOn = async () => {
    if (begun === undefined) {
      setBegun(await call('POST /profile/second-factor', { body: { current_password: password } }));
      return;
    }
    const typed = code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(typed)) return setFault(text.codeMissing);
    const { recovery_codes } = await call('POST /profile/second-factor/confirm', { body: { code: typed } });
    setCodes(recovery_codes);
    reloadSession().catch(toastError);
  };
  const submit = async () => {
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await goOn();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setFault(failure.message);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={text.turnOnTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {begun === undefined ? text.next : text.confirm}
          </Button>
        </>
      }
    >
      {begun === undefined ? (
        <>
          <p class="soft">{text.firstPassword}</p>
          <PasswordField value={password} error={fault} onInput={setPassword} />
        </>
      ) : (
        <>
          <Scan begun={begun} />
          <OneTimeCode label={text.code} hint={text.codeHint} value={code} error={fault} onInput={setCode} />
        </>
      )}
    </Dialog>
  );
};
