import { useState } from 'preact/hooks';
import { ApiError, call, type Reply } from '../../../api/client.ts';
import { Button } from '../../../components/button.tsx';
import { Code } from '../../../components/code.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { RightsFields } from '../../../components/rights-fields.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { applianceNow } from '../../../state/clock.ts';
import { KEY_PERMISSIONS, type Rights } from '../../../state/rights.ts';
import { factory } from '../../../state/session.ts';
import { text } from '../../../text/api-keys.ts';
import { text as common } from '../../../text/common.ts';

type Made = Reply<'POST /api-keys'>;

const DAY_MS = 86_400_000;
const LIVES = { month: 30, quarter: 90, year: 365, ever: null } as const;
type Life = keyof typeof LIVES;

const expiryOf = (life: Life): string | null => {
  const days = LIVES[life];
  return days === null ? null : new Date(applianceNow() + days * DAY_MS).toISOString();
};

/** The secret, this once, and what to do with it. */
const MadeKey = ({ made: { key, secret }, onClose }: { made: Made; onClose: () => void }) => (
  <Dialog
    title={text.madeTitle(key.name)}
    onClose={onClose}
    onSubmit={onClose}
    foot={
      <Button type="submit" look="primary">
        {text.done}
      </Button>
    }
  >
    <p class="soft">{text.onlyNow}</p>
    <div class="once">
      <Code label={text.key} copy={secret} />
      <Code label={text.tryIt} copy={`curl -H 'Authorization: Bearer ${secret}' '${location.origin}/api/v1/devices'`} />
    </div>
    <ul class="small soft set__hints">
      <li>{text.grafana(location.origin)}</li>
      <li>{text.mqtt(`factories/${factory.value?.slug ?? ''}/#`)}</li>
    </ul>
  </Dialog>
);

/** Makes a key for a program. */
export const NewKey = ({ onClose, onMade }: { onClose: () => void; onMade: () => void }) => {
  const [name, setName] = useState('');
  const [rights, setRights] = useState<Rights>({ role: 'viewer', permissions: [] });
  const [life, setLife] = useState<Life>('quarter');
  const [fault, setFault] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<Made>();
  const most = factory.value;
  if (most === null) return null;
  if (made !== undefined) return <MadeKey made={made} onClose={onClose} />;
  const submit = async () => {
    setError(undefined);
    if (name.trim() === '') return setFault(text.nameMissing);
    if (isBusy || rights.role === 'admin') return;
    setBusy(true);
    const { role } = rights;
    const permissions = KEY_PERMISSIONS.filter((permission) => rights.permissions.includes(permission));
    try {
      setMade(
        await call('POST /api-keys', { body: { name: name.trim(), role, permissions, expires_at: expiryOf(life) } }),
      );
      onMade();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      const isOfName = failure.faultOf('name') !== undefined;
      if (isOfName) setFault(failure.code === 'conflict' ? text.nameTaken : failure.faultOf('name'));
      else setError(failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={text.newTitle}
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
      <Field label={text.name} hint={text.nameHint} error={fault}>
        <input
          class="input"
          name="key_name"
          autocomplete="off"
          maxLength={64}
          value={name}
          onInput={(event) => {
            setFault(undefined);
            setName(event.currentTarget.value);
          }}
        />
      </Field>
      <RightsFields
        rights={rights}
        most={most}
        roles={['viewer', 'operator']}
        permissions={KEY_PERMISSIONS}
        onChange={setRights}
      />
      <div class="field">
        <span class="label">{text.lives}</span>
        <Segmented
          label={text.lives}
          choices={(Object.keys(LIVES) as Life[]).map((one) => [one, text.presets[one]])}
          current={life}
          onChoose={setLife}
        />
      </div>
      <p class="small soft">{text.actsFor}</p>
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
