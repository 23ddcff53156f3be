import { call } from '../../api/client.ts';
import type { Device, DeviceCommand } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Code } from '../../components/code.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatTime } from '../../format/time.ts';
import { factory, may, timezone } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/commands.ts';
import { bareHost } from '../connect/snippets.ts';
import { CommandForm } from './command-form.tsx';
import { withCommand } from './command-list.ts';
import { useCommands } from './use-commands.ts';

const timeOf = (iso: string) => formatTime(Date.parse(iso), 'date_time', timezone.value);
const isEmpty = (parameters: object) => Object.keys(parameters).length === 0;

const Entry = ({ command, cancel }: { command: DeviceCommand; cancel: (() => void) | undefined }) => {
  const { status, message, parameters, issued_by, issued_at, expires_at } = command;
  const isBad = status === 'failed' || status === 'expired';
  const meaning = text.meanings[status];
  return (
    <li>
      <div class="row row--between row--wrap">
        <span class="row row--wrap cmd__what">
          <span class={isBad ? 'chip chip--plain strong' : 'chip chip--plain'}>{text.statuses[status]}</span>
          <b class="strong mono">{command.command}</b>
          {!isEmpty(parameters) && <code class="mono soft cmd__parameters">{JSON.stringify(parameters)}</code>}
        </span>
        <span class="muted small">
          {timeOf(issued_at)} {text.by(issued_by)}
        </span>
      </div>
      {message !== null && <p>{message}</p>}
      {(meaning !== '' || cancel !== undefined) && (
        <p class="small soft">
          {meaning}
          {status === 'queued' && ` ${text.until(timeOf(expires_at))}`}{' '}
          {cancel !== undefined && (
            <Button small look="quiet" label={text.cancelOf(command.command)} onClick={cancel}>
              {text.cancel}
            </Button>
          )}
        </p>
      )}
    </li>
  );
};

const Nothing = ({ device }: { device: Device }) => {
  const topic = `factories/${factory.value?.slug}/devices/${device.key}/commands`;
  const command = [
    `mosquitto_sub -h ${bareHost(location.hostname)} -u ${factory.value?.slug}/NAME -P PASSWORD`,
    `-i ${device.key} -q 1 -t ${topic}`,
  ].join(' \\\n  ');
  return (
    <Empty
      icon="play"
      title={text.noneTitle}
      action={
        <div class="cmd__try">
          <Code label={text.tryIt} copy={command} />
        </div>
      }
    >
      {text.noneBody(topic)}
    </Empty>
  );
};

/** Commands to the device: what was asked of it, by whom, and what became of it; for those who may, a form to send one. */
export const CommandsTab = ({ device }: { device: Device }) => {
  const { data, error, reload, set } = useCommands(device.id);
  const show = (command: DeviceCommand) => set(withCommand(data ?? [], command));
  const cancel = (command: DeviceCommand) =>
    call('POST /devices/{id}/commands/{command_id}/cancel', {
      path: { id: device.id, command_id: command.id },
    }).then((cancelled) => {
      show(cancelled);
      toast(text.cancelled(command.command));
    }, toastError);
  return (
    <div class="stack">
      {may('devices') && <CommandForm device={device} onIssued={show} />}
      <Panel title={text.history} flush>
        {data === undefined && (
          <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
        )}
        {data?.length === 0 && <Nothing device={device} />}
        {data !== undefined && data.length > 0 && (
          <ul class="list cmd">
            {data.map((command) => (
              <Entry
                key={command.id}
                command={command}
                cancel={command.status === 'queued' && may('devices') ? () => void cancel(command) : undefined}
              />
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
};
