import { useState } from 'preact/hooks';
import { ApiError, type CallOptions, call } from '../../../api/client.ts';
import type { NotificationChannel } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Choice } from '../../../components/choice.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { toast } from '../../../state/toasts.ts';
import { text } from '../../../text/channels.ts';
import { text as common } from '../../../text/common.ts';
import {
  type Candidate,
  type ChannelDraft,
  type ChannelKind,
  configOf,
  draftOf,
  emptyDraft,
  NIGHT,
  secretsOf,
  typedSecrets,
} from './channel-draft.ts';
import { ChannelFields } from './channel-fields.tsx';

const KINDS = Object.keys(text.kinds) as ChannelKind[];
type NewChannel = CallOptions<'POST /notification-channels'>['body'];

interface Change {
  readonly draft: ChannelDraft;
  readonly onChange: (change: Partial<ChannelDraft>) => void;
}

const Kinds = ({ draft, onChange }: Change) => (
  <fieldset class="field">
    <legend class="label">{text.kind}</legend>
    <div class="channel__kinds">
      {KINDS.map((kind) => (
        <Choice
          key={kind}
          name="channel_kind"
          label={text.kinds[kind]}
          hint={text.kindHints[kind]}
          isChosen={draft.kind === kind}
          onChoose={() => onChange({ kind })}
        />
      ))}
    </div>
  </fieldset>
);

const Quiet = ({ draft: { quiet }, onChange }: Change) => (
  <>
    <label class="row">
      <input
        type="checkbox"
        class="check"
        checked={quiet !== null}
        onChange={() => onChange({ quiet: quiet === null ? NIGHT : null })}
      />
      {text.quiet}
    </label>
    <span class="field__hint">{text.quietHint}</span>
    {quiet !== null && (
      <div class="row row--wrap">
        {(['from', 'to'] as const).map((end) => (
          <Field key={end} label={end === 'from' ? text.quietFrom : text.quietTo}>
            <input
              class="input"
              type="time"
              required
              value={quiet[end]}
              onInput={({ currentTarget }: { currentTarget: { value: string } }) =>
                onChange({ quiet: { ...quiet, [end]: currentTarget.value } })
              }
            />
          </Field>
        ))}
        <fieldset class="field">
          <legend class="label">{text.days}</legend>
          <div class="row row--wrap">
            {text.dayNames.map((name, index) => {
              const day = index + 1;
              const others = quiet.days.filter((one) => one !== day);
              const isOn = others.length < quiet.days.length;
              return (
                <label class="row" key={name}>
                  <input
                    type="checkbox"
                    class="check"
                    checked={isOn}
                    onChange={() =>
                      onChange({ quiet: { ...quiet, days: isOn ? others : [...others, day].toSorted() } })
                    }
                  />
                  {name}
                </label>
              );
            })}
          </div>
        </fieldset>
      </div>
    )}
  </>
);

interface ChannelDialogProps {
  /** The one that is changed; undefined: a new one. */
  readonly channel: NotificationChannel | undefined;
  readonly people: readonly Candidate[];
  readonly onClose: () => void;
  readonly onSaved: (saved: NotificationChannel) => void;
}

/** Makes a channel, or changes one. */
export const ChannelDialog = ({ channel, people, onClose, onSaved }: ChannelDialogProps) => {
  const [draft, setDraft] = useState(() => (channel === undefined ? emptyDraft('email') : draftOf(channel, people)));
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const change = (changed: Partial<ChannelDraft>) => {
    setError(undefined);
    setDraft((before) => ({ ...before, ...changed }));
  };
  const faultOf = (field: string) => error?.faultOf(field);
  const isPlaced = (pointer: string) =>
    /^\/(name|rate_per_minute|config|secrets)/.test(pointer) &&
    (!pointer.startsWith('/secrets/') || secretsOf(draft).includes(pointer.slice('/secrets/'.length)));
  const submit = async () => {
    if (isBusy) return;
    setBusy(true);
    const body = {
      name: draft.name.trim(),
      rate_per_minute: Number(draft.rate),
      quiet_hours: draft.quiet,
      config: configOf(draft, people),
      secrets: typedSecrets(draft),
    };
    try {
      const saved =
        channel === undefined
          ? await call('POST /notification-channels', { body: { kind: draft.kind, ...body } as NewChannel })
          : await call('PATCH /notification-channels/{id}', { path: { id: channel.id }, body });
      toast(channel === undefined ? text.added(saved.name) : text.saved(saved.name));
      onSaved(saved);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={channel === undefined ? text.newTitle : text.editTitle(channel.name)}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {channel === undefined ? text.add : text.save}
          </Button>
        </>
      }
    >
      {channel === undefined && <Kinds draft={draft} onChange={change} />}
      <Field label={text.name} hint={text.nameHint} error={faultOf('name')}>
        <input
          class="input"
          name="channel_name"
          autocomplete="off"
          maxLength={100}
          value={draft.name}
          onInput={({ currentTarget }: { currentTarget: { value: string } }) => change({ name: currentTarget.value })}
        />
      </Field>
      <ChannelFields
        draft={draft}
        people={people}
        known={channel?.secrets ?? []}
        serverCa={channel?.server_ca ?? []}
        faultOf={faultOf}
        onChange={change}
      />
      <Field label={text.rate} hint={text.rateHint} error={faultOf('rate_per_minute')}>
        <input
          class="input"
          type="number"
          min={1}
          max={600}
          value={draft.rate}
          onInput={({ currentTarget }: { currentTarget: { value: string } }) => change({ rate: currentTarget.value })}
        />
      </Field>
      <Quiet draft={draft} onChange={change} />
      <Fault>
        {error !== undefined && (error.faults.length === 0 || !error.faults.every(({ pointer }) => isPlaced(pointer)))
          ? (error.faults.find(({ pointer }) => !isPlaced(pointer))?.message ?? error.message)
          : undefined}
      </Fault>
    </Dialog>
  );
};
