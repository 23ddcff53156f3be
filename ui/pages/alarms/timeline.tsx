import { useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { AlarmEvent, AlarmWithEvents, Parameter } from '../../api/schema.ts';
import { MAX_NOTE } from '../../components/acknowledge.tsx';
import { Button } from '../../components/button.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatParameterValue, shownUnit } from '../../components/parameter-value.tsx';
import { SeverityShape } from '../../components/severity.tsx';
import { formatValue } from '../../components/value.tsx';
import { formatTime } from '../../format/time.ts';
import { may, timezone } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { eventWords } from './event-words.ts';

const ICONS: Readonly<Record<AlarmEvent['kind'], IconName>> = {
  raised: 'alarms',
  severity_changed: 'alarms',
  cleared: 'restore',
  corrected: 'edit',
  acknowledged: 'check',
  commented: 'chat',
  assigned: 'user',
  shelved: 'shelf',
  unshelved: 'shelf',
  suppressed: 'mute',
  unsuppressed: 'sound',
  escalated: 'warning',
  closed: 'close',
};
/** What was written down so much later says so: it came late (ms). */
const LATE_MS = 60_000;

/** A value as it is shown, with its unit where the parameter is known. */
export function shownWith(parameters: readonly Parameter[] | undefined) {
  return (name: string | null, value: number | boolean | string): string => {
    const parameter = parameters?.find((one) => one.name === name);
    if (parameter === undefined) return formatValue(value);
    const unit = shownUnit(parameter);
    return `${formatParameterValue(value, parameter)}${unit === null || unit === '' ? '' : ` ${unit}`}`;
  };
}

interface LineProps {
  readonly event: AlarmEvent;
  readonly valueWords: (parameter: string | null, value: number | boolean | string) => string;
}

const Line = ({ event, valueWords }: LineProps) => {
  const zone = timezone.value;
  const { what, detail, said, severity } = eventWords(event, {
    value: valueWords,
    moment: (ms) => formatTime(ms, 'date_minute', zone),
  });
  const at = Date.parse(event.at);
  const recordedAt = Date.parse(event.recorded_at);
  return (
    <li class={severity === undefined ? '' : `sev sev--${severity}`}>
      {severity === undefined ? <Icon name={ICONS[event.kind]} /> : <SeverityShape severity={severity} />}
      <span>
        <span>
          <b class="strong">{what}</b>
          {detail !== '' && <span class="soft"> {detail}</span>}
        </span>
        {said !== '' && <q>{said}</q>}
        <small class="muted">
          {event.actor ?? text.events.appliance}
          {recordedAt - at > LATE_MS && `, ${text.events.recorded(formatTime(recordedAt, 'date_time', zone))}`}
        </small>
      </span>
      <time dateTime={event.at}>{formatTime(at, 'date_time', zone)}</time>
    </li>
  );
};

interface TimelineProps {
  readonly alarm: AlarmWithEvents;
  readonly parameters: readonly Parameter[] | undefined;
  readonly onChanged: (alarm: AlarmWithEvents) => void;
}

const CommentForm = ({ alarm, onChanged }: Omit<TimelineProps, 'parameters'>) => {
  const [comment, setComment] = useState('');
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const add = (event: Event) => {
    event.preventDefault();
    const said = comment.trim();
    if (said === '' || isBusy) return;
    setBusy(true);
    // The button can do nothing once there is nothing to add.
    input.current?.focus();
    call('POST /alerts/{id}/comment', { path: { id: alarm.id }, body: { comment: said } })
      .then((changed) => {
        // What one has typed since stays.
        setComment((typed) => (typed === comment ? '' : typed));
        onChanged(changed);
      })
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <form class="al__comment" onSubmit={add}>
      <input
        class="input"
        ref={input}
        aria-label={text.detail.comment}
        placeholder={text.detail.comment}
        maxLength={MAX_NOTE}
        value={comment}
        onInput={(event) => setComment(event.currentTarget.value)}
      />
      <Button type="submit" icon="chat" busy={isBusy} disabled={comment.trim() === ''}>
        {text.detail.add}
      </Button>
    </form>
  );
};

/** All that has happened to an alarm, by the appliance and by people, the newest first. */
export const Timeline = ({ alarm, parameters, onChanged }: TimelineProps) => {
  const valueWords = shownWith(parameters);
  const events = alarm.events.toReversed();
  return (
    <Panel title={text.detail.timeline} flush>
      {may('operator') && <CommentForm alarm={alarm} onChanged={onChanged} />}
      <ol class="al__timeline">
        {events.map((event) => (
          <Line key={event.id} event={event} valueWords={valueWords} />
        ))}
      </ol>
    </Panel>
  );
};
