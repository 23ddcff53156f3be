import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { formatCount } from '../../format/number.ts';
import { sentence } from '../../format/sentence.ts';
import { formatTime } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
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
