import { useId, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { call } from '../../api/client.ts';
import type { Device, Parameter } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Skeleton } from '../../components/feedback.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { useResource } from '../../state/resource.ts';
import { toast } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/device.ts';
import { mergeOutcome } from './merge-outcome.ts';

/** Devices offered at once; typing narrows them down. */
const MAX_OFFERED = 5;

/** Names of a list that are read out one by one. */
const MAX_NAMED = 4;

const namesOf = (names: readonly string[]) =>
  names.slice(0, MAX_NAMED).join(', ') + (names.length > MAX_NAMED ? text.andMore(names.length - MAX_NAMED) : '');

const Consequences = ({ from, own, into }: { from: Device; own: readonly Parameter[]; into: Device }) => {
  const { data } = useResource(`parameters of ${into.id}`, (signal) =>
    call('GET /devices/{id}/parameters', { path: { id: into.id }, signal }),
  );
  if (data === undefined) return <Skeleton lines={4} />;
  const { joined, moved, beside } = mergeOutcome(own, data.items);
  return (
    <ul class="small soft merge__does">
      {joined.length > 0 && <li>{text.mergeJoined(namesOf(joined), joined.length, into.name)}</li>}
      {moved.length > 0 && <li>{text.mergeMoved(namesOf(moved), moved.length, into.name)}</li>}
      {beside.length > 0 && (
        <li>
          <b class="strong">{text.mergeBeside(namesOf(beside), beside.length, into.name)}</b>
        </li>
      )}
      <li>{text.mergeKey(from.key, into.name)}</li>
      <li>{text.mergeGone(from.name, into.name)}</li>
    </ul>
  );
};

interface WhichProps {
  readonly device: Device;
  readonly into: Device | undefined;
  readonly onChoose: (into: Device) => void;
}

/** Finds the device that remains. The chosen one stays in sight, whatever is typed. */
const Which = ({ device, into, onChoose }: WhichProps) => {
  const group = useId();
  const [typed, setTyped] = useState('');
  const { data } = useResource(
    `devices for ${device.id}: ${typed}`,
    (signal) =>
      call('GET /devices', {
        query: { limit: MAX_OFFERED + 2, ...(typed.trim() !== '' && { q: typed.trim() }) },
        signal,
      }),
    { keepsData: true },
  );
  const others = data?.items.filter(({ id }) => id !== device.id && id !== into?.id) ?? [];
  const offered = [
    ...(into === undefined ? [] : [into]),
    ...others.slice(0, MAX_OFFERED - (into === undefined ? 0 : 1)),
  ];
  return (
    <fieldset class="merge__which">
      <legend class="label">{text.mergeInto}</legend>
      <SearchBox label={text.mergeSearch} value={typed} onInput={setTyped} />
      {offered.map((one) => (
        <Choice
          key={one.id}
          name={group}
          label={one.name}
          hint={
            one.name === one.key
              ? text.parametersOf(one.parameters_count)
              : `${one.key}, ${text.parametersOf(one.parameters_count)}`
          }
          isChosen={one.id === into?.id}
          onChoose={() => onChoose(one)}
        />
      ))}
      <p class="small muted" role="status">
        {data !== undefined && others.length === 0 && into === undefined && text.mergeNone}
        {others.length > MAX_OFFERED && text.mergeNarrow}
      </p>
    </fieldset>
  );
};

interface MergeDialogProps {
  readonly device: Device;
  readonly parameters: readonly Parameter[];
  readonly onClose: () => void;
}

/** Makes a device a part of another: which one, what then happens, and its key typed, because there is no way back. */
export const MergeDialog = ({ device, parameters, onClose }: MergeDialogProps) => {
  const { route } = useLocation();
  const [into, setInto] = useState<Device>();
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const isReady = into !== undefined && typed.trim() === device.key;
  const merge = async () => {
    if (!isReady || isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await call('POST /devices/{id}/merge', { path: { id: device.id }, body: { into: into.id } });
      onClose();
      route(`/devices/${into.id}`);
      toast(text.merged(device.name, into.name));
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.mergeTitle(device.name)}
      onClose={onClose}
      onSubmit={() => void merge()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="danger-solid" busy={isBusy} disabled={!isReady}>
            {text.mergeVerb}
          </Button>
        </>
      }
    >
      <p class="soft">{text.mergeWhen}</p>
      <Which device={device} into={into} onChoose={setInto} />
      {into !== undefined && (
        <>
          <Consequences from={device} own={parameters} into={into} />
          <Field label={common.typeToConfirm(device.key)}>
            <input
              class="input mono"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </Field>
        </>
      )}
      <Fault>{error}</Fault>
    </Dialog>
  );
};
