import type { Alarm } from '../../api/schema.ts';
import { SeverityChip } from '../../components/severity.tsx';
import { messageParts } from '../../format/alarm-message.ts';
import { formatDuration, formatTime } from '../../format/time.ts';
import { now } from '../../state/clock.ts';
import { timezone } from '../../state/session.ts';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';

const DAY_MS = 86_400_000;

/** Shape, word and colour; an outline once somebody has it. */
export const AlarmSeverity = ({ alarm }: { alarm: Alarm }) => (
  <SeverityChip severity={alarm.severity} isOutline={alarm.acknowledged_at !== null || alarm.status === 'closed'}>
    {common.severity[alarm.severity]}
  </SeverityChip>
);

/** Which machine, and what about it. */
export const AlarmWords = ({ alarm }: { alarm: Alarm }) => {
  const [what, seen] = messageParts(alarm);
  return (
    <span class="al__words" title={`${alarm.device_key} ${alarm.message}`}>
      <span class="al__about">
        <a href={`/alarms/${alarm.id}`}>{alarm.device_key}</a> {seen !== '' && <span class="soft">{what}</span>}
      </span>
      <span class="soft">{seen || what}</span>
    </span>
  );
};

/** How far it has come, and whose it is. */
export const AlarmState = ({ alarm }: { alarm: Alarm }) => {
  const { status, acknowledged_by, assignee, is_chattering, corrected } = alarm;
  const who = assignee !== null ? text.hasIt(assignee.name) : acknowledged_by !== null && text.by(acknowledged_by);
  return (
    <span class="al__state">
      <span>{text.states[status]}</span>
      {who !== false && <small class="clip">{who}</small>}
      {is_chattering && <span class="pill">{text.chattering}</span>}
      {corrected === 'withdrawn' && <span class="pill">{text.withdrawn}</span>}
      {corrected === 'inserted' && <span class="pill">{text.wasMissed}</span>}
    </span>
  );
};

/** A moment as short as it is clear: the time, and the day when it was not lately. */
export const momentWords = (ms: number): string =>
  formatTime(ms, now.value - ms < DAY_MS / 2 ? 'minute' : 'date_minute', timezone.value);

/** When, and how long ago; counts on by itself. */
export const AlarmRaised = ({ alarm }: { alarm: Alarm }) => {
  const at = Date.parse(alarm.raised_at);
  return (
    <span class="nowrap">
      {momentWords(at)} <span class="muted">{formatDuration(now.value - at)}</span>
    </span>
  );
};
