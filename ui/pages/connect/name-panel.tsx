import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Field } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { text } from '../../text/connect.ts';
import { type Aim, admitsAnonymous, type MadeCredential, targetOf, type Way } from './access.ts';
import { CredentialForm } from './credential-form.tsx';
import { credentialNameFrom, isDeviceKey } from './device-key.ts';
import { isLoopback } from './snippets.ts';

interface NamePanelProps {
  readonly aim: Aim;
  readonly onKey: (key: string) => void;
  readonly onWay: (way: Way) => void;
  readonly onMade: (credential: MadeCredential) => void;
  /** Puts the shown credential aside, to make another. */
  readonly onAnother: () => void;
}

/** Where to, as whom and on what topic: for devices that are configured by hand. */
const Facts = ({ aim }: { aim: Aim }) => {
  const target = targetOf(aim);
  if (target === undefined) return null;
  const { host, port, topic, credential, tls } = target;
  return (
    <dl class="kv cn__facts">
      <dt>{text.host}</dt>
      <dd>
        <span>
          <span class="mono">{host}</span>, {text.port} <span class="mono">{port}</span>
          {tls !== undefined && text.withTls}
        </span>
        {isLoopback(host) && credential !== undefined && <span class="muted">{text.hereOnly}</span>}
      </dd>
      <dt>{text.username}</dt>
      <dd>{credential === undefined ? text.noUsername : <span class="mono">{credential.username}</span>}</dd>
      {credential !== undefined && (
        <>
          <dt>{text.password}</dt>
          <dd>
            <span class="mono">{credential.password}</span>
            <span class="row cn__once">
              <span class="muted">{text.shownOnce}</span>
              <CopyButton value={credential.password} label={text.copyPassword} />
            </span>
          </dd>
        </>
      )}
      <dt>{text.topic}</dt>
      <dd>
        <span class="mono">{topic}</span>
        <CopyButton value={topic} label={text.copyTopic} />
      </dd>
    </dl>
  );
};

/** What the device is called, and how it signs in. */
export const NamePanel = ({ aim, onKey, onWay, onMade, onAnother }: NamePanelProps) => {
  const { info, way, key, credential } = aim;
  const isNamed = isDeviceKey(key);
  const hints = {
    device: text.deviceHint,
    gateway: text.gatewayHint,
    none: info.mqtt.anonymous === 'lan' ? text.noneAnywhere : text.noneHere,
  };
  const ways: readonly Way[] = admitsAnonymous(info) ? ['device', 'gateway', 'none'] : ['device', 'gateway'];
  return (
    <Panel title={text.nameTitle}>
      <div class="stack">
        <Field label={text.key} error={key === '' || isNamed ? undefined : text.keyFault} hint={text.keyHint}>
          <input
            class="input mono"
            name="device_key"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={key}
            onInput={(event) => onKey(event.currentTarget.value)}
          />
        </Field>
        <fieldset class="cn__ways">
          <legend class="label">{text.signsIn}</legend>
          {ways.map((one) => (
            <Choice
              key={one}
              name="way"
              label={text[one]}
              hint={hints[one]}
              isChosen={way === one}
              onChoose={() => onWay(one)}
            />
          ))}
        </fieldset>
        {way !== 'none' && credential === undefined && (
          <CredentialForm
            key={way}
            suggestion={way === 'gateway' ? 'gateway' : credentialNameFrom(key)}
            devices={way === 'gateway' ? ['*'] : [key]}
            canMake={isNamed}
            onMade={onMade}
          />
        )}
        {isNamed && <Facts aim={aim} />}
        {credential !== undefined && (
          <div>
            <Button look="quiet" icon="key" onClick={onAnother}>
              {text.makeAnother}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
};
