import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { ApiError, call } from '../../api/client.ts';
import type { Device, Parameter } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Menu, MenuItem, Popover } from '../../components/menu.tsx';
import { may } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/device.ts';
import { withSelection } from '../trends/selection.ts';
import { MergeDialog } from './merge-dialog.tsx';
import { retire } from './standing.tsx';

interface EditProps {
  readonly device: Device;
  readonly onEdited: (device: Device) => void;
  readonly onClose: () => void;
}

/** Each once, as they were typed. */
const tagsIn = (typed: string): string[] => [
  ...new Set(
    typed
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];

const Edit = ({ device, onEdited, onClose }: EditProps) => {
  const [name, setName] = useState(device.name);
  const [tags, setTags] = useState(device.tags.join(', '));
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    try {
      onEdited(await call('PATCH /devices/{id}', { path: { id: device.id }, body: { name, tags: tagsIn(tags) } }));
      onClose();
      toast(text.named(name.trim()));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  const tagFault = error?.faultOf('tags');
  return (
    <Dialog
      title={text.namingTitle}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.namingVerb}
          </Button>
        </>
      }
    >
      <Field
        label={text.name}
        hint={text.nameHint(device.key)}
        error={error?.faultOf('name') ?? (tagFault === undefined ? error?.message : undefined)}
      >
        <input
          class="input"
          required
          maxLength={128}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label={text.tags} hint={text.tagsHint} error={tagFault}>
        <input class="input" autocomplete="off" value={tags} onInput={(event) => setTags(event.currentTarget.value)} />
      </Field>
    </Dialog>
  );
};

const Delete = ({ device, parameters, onClose }: { device: Device; parameters: number; onClose: () => void }) => {
  const { route } = useLocation();
  const remove = async () => {
    try {
      await call('DELETE /devices/{id}', { path: { id: device.id } });
      route('/devices');
      toast(text.deleted(device.name));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Confirm
      title={text.deleteTitle(device.name)}
      verb={text.deleteVerb}
      word={device.key}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>{text.deleteBody(parameters)}</p>
      <p>{text.deleteAgain}</p>
    </Confirm>
  );
};

/** Curves that the trends page begins with: as many as there are colours. */
const MAX_TRENDS = 8;

const trendsOf = ({ key }: Device, parameters: readonly Parameter[] = []): string => {
  const kpis = parameters.filter(({ is_kpi }) => is_kpi).slice(0, MAX_TRENDS);
  return `/trends${withSelection(
    '',
    kpis.map(({ name }) => ({ deviceKey: key, parameter: name })),
  )}`;
};

interface DeviceActionsProps {
  readonly device: Device;
  readonly parameters: readonly Parameter[] | undefined;
  readonly onChanged: (device: Device) => void;
}

type Deed = 'edit' | 'merge' | 'retire' | 'delete';

const ITEMS: readonly (readonly [deed: Deed, label: string, icon: IconName])[] = [
  ['edit', text.naming, 'edit'],
  ['merge', text.merge, 'link'],
  ['retire', text.retire, 'pause'],
  ['delete', text.delete, 'trash'],
];

/** What can be done with a device. Only those who may change devices are offered that. */
export const DeviceActions = ({ device, parameters, onChanged }: DeviceActionsProps) => {
  const [open, setOpen] = useState<Deed>();
  const close = () => setOpen(undefined);
  const takesPart = device.standing === 'active';
  const offered = ITEMS.filter(([deed]) => takesPart || deed === 'edit' || deed === 'delete');
  return (
    <>
      {takesPart && (
        <ButtonLink icon="trends" href={trendsOf(device, parameters)}>
          {text.openInTrends}
        </ButtonLink>
      )}
      {may('devices') && (
        <Popover button={(attributes) => <Button icon="more" label={text.more} {...attributes} />}>
          {(closeMenu) => (
            <Menu label={text.more}>
              {offered.map(([deed, label, icon]) => (
                <MenuItem
                  key={deed}
                  onChoose={() => {
                    closeMenu();
                    if (deed === 'retire') void retire({ device, onChanged });
                    else setOpen(deed);
                  }}
                >
                  <Icon name={icon} small />
                  {label}
                </MenuItem>
              ))}
            </Menu>
          )}
        </Popover>
      )}
      {open === 'edit' && <Edit device={device} onEdited={onChanged} onClose={close} />}
      {open === 'merge' && <MergeDialog device={device} parameters={parameters ?? []} onClose={close} />}
      {open === 'delete' && (
        <Delete device={device} parameters={parameters?.length ?? device.parameters_count} onClose={close} />
      )}
    </>
  );
};
