import { useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { Button } from '../../../components/button.tsx';
import { ConnectionLog } from '../../../components/connection-log.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useResource } from '../../../state/resource.ts';
import { text } from '../../../text/connections.ts';

const EVERY_MS = 5_000;
const [FEW, MOST] = [100, 500];

interface LogProps {
  readonly isOfNobody: boolean;
  readonly showsAll: boolean;
  readonly q: string;
}

const NothingThere = ({ q, showsAll }: LogProps) => {
  const [title, body] =
    q !== ''
      ? [text.noEntry, text.noEntryBody(q)]
      : showsAll
        ? [text.nothingLogged, text.nothingLoggedBody]
        : [text.quiet, text.quietBody];
  return (
    <Empty icon={q === '' ? 'check' : 'search'} title={title}>
      {body}
    </Empty>
  );
};

/** Who came, left, was dropped or refused, and why. */
export const Log = (props: LogProps) => {
  const { isOfNobody, showsAll, q } = props;
  const [limit, setLimit] = useState(FEW);
  const { data, error, reload } = useResource(
    `connection-log ${isOfNobody} ${showsAll} ${q} ${limit}`,
    (signal) => {
      const query = { q, limit, ...(!showsAll && { kind: 'refused,dropped' }) };
      return isOfNobody
        ? call('GET /connection-log/unassigned', { query, signal })
        : call('GET /connection-log', { query, signal });
    },
    { everyMs: EVERY_MS, keepsData: true },
  );
  return (
    <Panel title={text.log} flush>
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data?.items.length === 0 && <NothingThere {...props} />}
      {data !== undefined && data.items.length > 0 && <ConnectionLog events={data.items} hasDevices />}
      {data != null && data.next_cursor !== null && (
        <div class="panel__foot">
          {limit < MOST ? (
            <Button onClick={() => setLimit(MOST)}>{text.showMore}</Button>
          ) : (
            <span class="muted">{text.narrow}</span>
          )}
        </div>
      )}
    </Panel>
  );
};
