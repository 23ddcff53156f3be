import { call } from '../../api/client.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Code } from '../../components/code.tsx';
import { Empty } from '../../components/feedback.tsx';
import { useResource } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { text } from '../../text/devices.ts';
import { admitsAnonymous, targetOf } from '../connect/access.ts';
import { bareHost, snippetOf } from '../connect/snippets.ts';

const EXAMPLE_KEY = 'M01';

/** Stands where the factory's devices will be: the command that makes the first one appear. */
export const NoneYet = () => {
  const { data: info } = useResource('connection-info', (signal) => call('GET /connection-info', { signal }));
  const target =
    info !== undefined && admitsAnonymous(info)
      ? targetOf({ info, host: bareHost(location.hostname), way: 'none', key: EXAMPLE_KEY, credential: undefined })
      : undefined;
  const canConnect = may('devices');
  return (
    <Empty
      icon="devices"
      title={text.noneTitle}
      action={
        <>
          {target !== undefined && (
            <div class="dev__command">
              <Code label={text.command} copy={snippetOf('shell', target)} />
            </div>
          )}
          {canConnect && (
            <ButtonLink look="primary" icon="plus" href="/connect">
              {text.connect}
            </ButtonLink>
          )}
        </>
      }
    >
      {target !== undefined ? text.noneBody : canConnect ? text.noneBodyAway : text.noneBodyOfOthers}
    </Empty>
  );
};
