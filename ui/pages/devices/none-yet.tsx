import { call } from '../../api/client.ts';
import { ButtonLink } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Empty } from '../../components/feedback.tsx';
import { useResource } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { text } from '../../text/devices.ts';

const EXAMPLE = '{"metrics":{"temperature":21.5}}';

/** Stands where the factory's devices will be: the command that makes the first one appear. */
export const NoneYet = () => {
  const { data } = useResource('connection-info', (signal) => call('GET /connection-info', { signal }));
  const isOpen = data !== undefined && data.mqtt.anonymous !== 'never';
  const command = `mosquitto_pub -p ${data?.mqtt.port} -q 1 -t factories/${data?.factory_slug}/devices/M01/telemetry -m '${EXAMPLE}'`;
  return (
    <Empty
      icon="devices"
      title={text.noneTitle}
      action={
        <>
          {isOpen && (
            <div class="code dev__command">
              <div class="code__head">
                {text.command}
                <CopyButton value={command} />
              </div>
              <pre>{command}</pre>
            </div>
          )}
          {may('admin') && (
            <ButtonLink look="primary" icon="plus" href="/connect">
              {text.connect}
            </ButtonLink>
          )}
        </>
      }
    >
      {isOpen ? text.noneBody : text.noneBodyAway}
    </Empty>
  );
};
