import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { formatCount } from '../../format/number.ts';
import { sentence } from '../../format/sentence.ts';
import { formatTime } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text } from '../../text/connect.ts';
import type { News } from './news.ts';

/** The newest ones; a device that goes on failing fills no more. */
const MAX_SHOWN = 6;

const Payload = ({ payload }: { payload: string | null }) =>
  payload === null || payload === '' ? null : <code class="mono clip">{payload}</code>;

/** What was refused: the message itself, or who wanted to sign in. */
const Subject = ({ news }: { news: News }) => {
  if (news.kind === 'refusal') return <Payload payload={news.refusal.payload} />;
  const { source, username, payload } = news.event;
  return (
    <>
      <span class="soft cn__who">
        {text.from(source)}{' '}
        {username === null ? (
          text.withoutName
        ) : (
          <>
            {text.as} <span class="mono">{username}</span>
          </>
        )}
        .
      </span>
      <Payload payload={payload} />
    </>
  );
};

/** Where a device is let in again, by the reason for which it is not. */
const LISTS: Readonly<Record<string, readonly [href: string, label: string]>> = {
  too_many_pending: ['/devices?standing=pending', text.allPending],
  device_retired: ['/devices?standing=retired', text.allRetired],
  device_rejected: ['/devices?standing=rejected', text.allRejected],
};

/** Makes a device known that the factory does not take by itself. */
const AddIt = ({ deviceKey }: { deviceKey: string }) => {
  const [isAdded, setAdded] = useState(false);
  const add = () =>
    call('POST /devices', { body: { key: deviceKey } }).then(
      () => setAdded(true),
      (error) => {
        // Somebody else was faster.
        if (error instanceof ApiError && error.code === 'conflict') setAdded(true);
        else toastError(error);
      },
    );
  return isAdded ? (
    <span class="soft cn__advice">{text.isAdded(deviceKey)}</span>
  ) : (
    <Button small icon="plus" onClick={() => void add()}>
      {text.addIt(deviceKey)}
    </Button>
  );
};

/** What can be done about it from here. */
const Remedy = ({ news }: { news: News }) => {
  if (news.kind !== 'refusal') return null;
  const { reason, device_key } = news.refusal;
  if (reason === 'unknown_device') return <AddIt deviceKey={device_key} />;
  const [href, label] = LISTS[reason] ?? [];
  return href === undefined ? null : (
    <ButtonLink small href={href}>
      {label}
    </ButtonLink>
  );
};

const Entry = ({ news }: { news: News }) => {
  const { reason, detail, count } = news.kind === 'refusal' ? news.refusal : news.event;
  const parameter = news.kind === 'refusal' ? news.refusal.parameter : null;
  return (
    <li>
      <time>{formatTime(news.at, 'time', timezone.value)}</time>
      <div>
        <SeverityChip severity="high">{text.reasons[reason] ?? text.otherReason(reason)}</SeverityChip>
        {parameter !== null && <span class="mono"> {parameter}</span>}
        {count > 1 && <span class="muted"> {text.times(formatCount(count))}</span>}
        <Subject news={news} />
        <span class="soft cn__advice">{text.advice[reason] ?? sentence(detail)}</span>
        <Remedy news={news} />
      </div>
    </li>
  );
};

/** Why nothing arrives, when it is the broker that says no. */
export const NewsPanel = ({ news }: { news: readonly News[] }) => (
  <Panel title={text.seenTitle} side={<span class="panel__note">{text.live}</span>} flush>
    <ol class="list cn__log" aria-live="polite">
      {news.length === 0 && <li class="soft cn__none">{text.seenNothing}</li>}
      {news.slice(0, MAX_SHOWN).map((one) => (
        <Entry key={one.id} news={one} />
      ))}
    </ol>
  </Panel>
);
