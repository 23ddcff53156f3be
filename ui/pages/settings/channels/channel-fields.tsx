import type { ComponentChildren } from 'preact';
import type { NotificationChannel } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Field } from '../../../components/field.tsx';
import { roleName } from '../../../components/rights-fields.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { ROLES } from '../../../state/rights.ts';
import { factory } from '../../../state/session.ts';
import { text } from '../../../text/channels.ts';
import { dayOf } from '../sizes.ts';
import { type Candidate, type ChannelDraft, secretsOf } from './channel-draft.ts';

export interface ChannelFieldsProps {
  readonly draft: ChannelDraft;
  readonly people: readonly Candidate[];
  /** Which secrets are set already. */
  readonly known: readonly string[];
  /** What vouches for its mail server so far. */
  readonly serverCa: NotificationChannel['server_ca'];
  readonly faultOf: (field: string) => string | undefined;
  readonly onChange: (change: Partial<ChannelDraft>) => void;
}

interface TextProps extends ChannelFieldsProps {
  readonly of: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** Where the API finds fault with it. */
  readonly at?: string;
  readonly isLong?: boolean;
}

const toggled = <Item,>(list: readonly Item[], item: Item): Item[] =>
  list.includes(item) ? list.filter((one) => one !== item) : [...list, item];

const Text = ({ of, label, hint, at = `config/${of}`, isLong = false, draft, faultOf, onChange }: TextProps) => {
  const attributes = {
    name: `channel_${of}`,
    autocomplete: 'off',
    spellcheck: false,
    value: draft.fields[of] ?? '',
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
      onChange({ fields: { ...draft.fields, [of]: currentTarget.value } }),
  };
  return (
    <Field label={label} {...(hint !== undefined && { hint })} error={faultOf(at)}>
      {isLong ? <textarea class="textarea" rows={3} {...attributes} /> : <input class="input" {...attributes} />}
    </Field>
  );
};

const Roles = ({ draft, onChange }: ChannelFieldsProps) => (
  <fieldset class="field">
    <legend class="label">{text.roles}</legend>
    <div class="row row--wrap">
      {ROLES.map((role) => (
        <label class="row" key={role}>
          <input
            type="checkbox"
            class="check"
            checked={draft.roles.includes(role)}
            onChange={() => onChange({ roles: toggled(draft.roles, role) })}
          />
          {roleName(role)}
        </label>
      ))}
    </div>
  </fieldset>
);

const People = ({ draft, people, onChange }: ChannelFieldsProps) => (
  <fieldset class="field">
    <legend class="label">{text.people}</legend>
    <div class="channel__people">
      {people.map(({ id, email, name }) => (
        <label class="row" key={id}>
          <input
            type="checkbox"
            class="check"
            checked={draft.userIds.includes(id)}
            onChange={() => onChange({ userIds: toggled(draft.userIds, id) })}
          />
          {name || email}
        </label>
      ))}
    </div>
    <span class="field__hint">{text.peopleHint}</span>
  </fieldset>
);

const Choose = <Name extends string>(props: {
  readonly draft: ChannelDraft;
  readonly of: string;
  readonly label: string;
  readonly choices: Readonly<Record<Name, string>>;
  readonly error?: string | undefined;
  readonly onChange: (change: Partial<ChannelDraft>) => void;
}) => {
  const { draft, of, label, choices, error, onChange } = props;
  return (
    <Field label={label} error={error}>
      <select
        class="select"
        name={`channel_${of}`}
        value={draft.fields[of]}
        onChange={({ currentTarget }: { currentTarget: { value: string } }) =>
          onChange({ fields: { ...draft.fields, [of]: currentTarget.value } })
        }
      >
        {(Object.keys(choices) as Name[]).map((id) => (
          <option key={id} value={id}>
            {choices[id]}
          </option>
        ))}
      </select>
    </Field>
  );
};

const CaHint = ({ serverCa }: Pick<ChannelFieldsProps, 'serverCa'>) => (
  <>
    {text.caHint}
    {serverCa.map(({ subject, valid_until }) => {
      const isOver = Date.parse(valid_until) < Date.now();
      return (
        <span class={isOver ? 'channel__ca set__stopped' : 'channel__ca'} key={subject}>
          {(isOver ? text.caOver : text.caOf)(subject, dayOf(valid_until))}
        </span>
      );
    })}
  </>
);

const Server = (props: ChannelFieldsProps) => {
  const { draft, faultOf, onChange } = props;
  const at = (field: string) => `config/server/${field}`;
  return (
    <>
      <div class="field">
        <span class="label">{text.server}</span>
        <Segmented
          label={text.server}
          choices={[
            ['appliance', text.ofAppliance],
            ['own', text.own],
          ]}
          current={draft.hasOwnServer ? 'own' : 'appliance'}
          onChoose={(which) => onChange({ hasOwnServer: which === 'own' })}
        />
        {!draft.hasOwnServer && <span class="field__error">{faultOf('config/server')}</span>}
      </div>
      {draft.hasOwnServer && (
        <>
          <Text {...props} of="host" label={text.host} at={at('host')} />
          <Text {...props} of="port" label={text.port} at={at('port')} />
          <Choose
            {...props}
            of="security"
            label={text.security}
            choices={text.securities}
            error={faultOf(at('security'))}
          />
          {draft.fields.security !== 'none' && (
            <Text {...props} of="ca" label={text.ca} hint={<CaHint {...props} />} at={at('ca')} isLong />
          )}
          <Text {...props} of="from" label={text.from} hint={text.fromHint} at={at('from')} />
          <Choose {...props} of="sign_in" label={text.signIn} choices={text.signIns} />
          {draft.fields.sign_in !== 'none' && <Text {...props} of="user" label={text.user} at={at('user')} />}
          {draft.fields.sign_in === 'oauth2' && (
            <>
              <Text {...props} of="token_url" label={text.tokenUrl} at={at('token_url')} />
              <Text {...props} of="client_id" label={text.clientId} at={at('client_id')} />
            </>
          )}
        </>
      )}
    </>
  );
};

/** As long as a SHA-256 is. */
const SECRET_BYTES = 32;
const madeUp = () =>
  [...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const SecretFields = ({ draft, known, faultOf, onChange }: ChannelFieldsProps) => (
  <>
    {secretsOf(draft).map((name) => {
      const set = (value: string) => onChange({ secrets: { ...draft.secrets, [name]: value } });
      const isMade = name === 'signing_secret';
      const attributes = {
        class: 'input mono',
        name: `channel_${name}`,
        autocomplete: 'new-password',
        value: draft.secrets[name] ?? '',
        onInput: ({ currentTarget }: { currentTarget: { value: string } }) => set(currentTarget.value),
      };
      return (
        <>
          <Field
            key={name}
            label={text.secrets[name] ?? name}
            hint={known.includes(name) ? text.secretKept : isMade ? text.generatedHint : text.secretNew}
            error={faultOf(`secrets/${name}`)}
          >
            {isMade ? <input {...attributes} /> : <input type="password" {...attributes} />}
          </Field>
          {isMade && (
            <div>
              <Button small onClick={() => set(madeUp())}>
                {text.generate}
              </Button>
            </div>
          )}
        </>
      );
    })}
  </>
);

/** What there is to say of a channel of its kind. */
export const ChannelFields = (props: ChannelFieldsProps) => {
  const { draft, onChange } = props;
  switch (draft.kind) {
    case 'email':
      return (
        <>
          <Text {...props} of="addresses" label={text.addresses} hint={text.addressesHint} isLong />
          <Roles {...props} />
          <People {...props} />
          <Server {...props} />
          <SecretFields {...props} />
        </>
      );
    case 'sms':
    case 'whatsapp':
      return (
        <>
          <Text {...props} of="account_sid" label={text.accountSid} hint={text.accountSidHint} />
          <SecretFields {...props} />
          <Text {...props} of="from" label={text.twilioFrom} hint={text.twilioFromHint} />
          {draft.kind === 'whatsapp' && (
            <Text {...props} of="content_sid" label={text.contentSid} hint={text.contentSidHint} />
          )}
          <Text {...props} of="numbers" label={text.numbers} hint={text.numbersHint} at="config/recipients" isLong />
        </>
      );
    case 'webhook':
      return (
        <>
          <Text
            {...props}
            of="url"
            label={text.url}
            hint={draft.fields.url?.endsWith('/…') ? text.urlKept : text.urlHint}
          />
          <SecretFields {...props} />
        </>
      );
    case 'mqtt':
      return <Text {...props} of="topic" label={text.topic} hint={text.topicHint(factory.value?.slug ?? '')} />;
    case 'browser':
      return (
        <>
          <p class="small soft">{text.everybody}</p>
          <Roles {...props} />
          <People {...props} />
          <label class="row">
            <input
              type="checkbox"
              class="check"
              checked={draft.hasSound}
              onChange={() => onChange({ hasSound: !draft.hasSound })}
            />
            {text.sound}
          </label>
        </>
      );
  }
};
