import type { ComponentChildren } from 'preact';
import type { Alarm } from '../api/schema.ts';
import { messageParts } from '../format/alarm-message.ts';
import { formatDuration } from '../format/time.ts';
import { isSoundWaiting } from '../state/alarm-sound.ts';
import { alarmCounts, openCount, worstAlarm } from '../state/alarms.ts';
import { now } from '../state/clock.ts';
import { may } from '../state/session.ts';
import { text } from '../text/alarm-strip.ts';
import { text as common } from '../text/common.ts';
import { type Acknowledging, useAcknowledging } from './acknowledge.tsx';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import { SEVERITIES, type Severity, SeverityChip, SeverityShape } from './severity.tsx';

const Count = ({ severity }: { severity: Severity }) => {
  const counts = alarmCounts.value;
  const open = counts?.open[severity] ?? 0;
  const isOutline = counts?.unacknowledged[severity] === 0;
  const word = common.severity[severity];
  return (
    <a
      class={open === 0 ? 'sev is-zero' : `sev sev--${severity}`}
      href={`/alarms?severity=${severity}`}
      title={text.openOf(word)}
      aria-label={text.countOf(open, word)}
    >
      <SeverityShape severity={severity} isOutline={isOutline} />
      <span>{open.toLocaleString('en')}</span>
      <span class="strip__word">{word}</span>
    </a>
  );
};

/** How many alarms of each severity are open; grey where there is none. */
export const AlarmCounts = () => {
  if (alarmCounts.value === undefined) return null;
  if (openCount() === 0) {
    return (
      <a class="strip__none" href="/alarms">
        {text.none}
      </a>
    );
  }
  return (
    <nav class="strip__counts" aria-label={text.counts}>
      {SEVERITIES.map((severity) => (
        <Count key={severity} severity={severity} />
      ))}
    </nav>
  );
};

const Worst = ({ alarm, acknowledging: { acknowledge, isBusy } }: { alarm: Alarm; acknowledging: Acknowledging }) => {
  const [what, seen] = messageParts(alarm);
  return (
    <>
      <a key={alarm.id} class={`strip__top is-new sev sev--${alarm.severity}`} href={`/alarms/${alarm.id}`}>
        <SeverityChip severity={alarm.severity} look="solid">
          {common.severity[alarm.severity]}
        </SeverityChip>
        <span class="strip__msg">
          <b class="strong">{alarm.device_key}</b>
          <span class="strip__what"> {what}</span>
          <span class="strip__seen">{seen}</span>
          <span class="strip__age">{formatDuration(now.value - Date.parse(alarm.raised_at))}</span>
        </span>
      </a>
      {may('operator') && (
        <span class="strip__ack">
          <Button small busy={isBusy} onClick={() => acknowledge([alarm.id])}>
            {text.acknowledge}
          </Button>
        </span>
      )}
    </>
  );
};

/** The alarms of the strip: how many, and the newest that nobody has, or `calm` where there is none. */
export const AlarmStrip = ({ calm }: { calm: ComponentChildren }) => {
  const acknowledging = useAcknowledging();
  return (
    <>
      <AlarmCounts />
      {worstAlarm.value === undefined ? calm : <Worst alarm={worstAlarm.value} acknowledging={acknowledging} />}
      {isSoundWaiting.value && (
        <span class="strip__sound" title={text.waitingSoundHint}>
          <Icon name="mute" small />
          <span class="strip__word">{text.waitingSound}</span>
        </span>
      )}
      {acknowledging.dialog}
    </>
  );
};

/** How many alarms are open, beside the way to them; with the colour of the worst that nobody has. */
export const AlarmBadge = () => {
  const count = openCount();
  if (count === 0) return null;
  const worst = SEVERITIES.find((severity) => (alarmCounts.value?.unacknowledged[severity] ?? 0) > 0);
  return (
    <span class={worst === undefined ? 'badge nav__badge nav__badge--quiet' : `badge nav__badge sev sev--${worst}`}>
      <span class="sr">{text.navBadge(count)}</span>
      <span aria-hidden="true">{count > 999 ? '999+' : count}</span>
    </span>
  );
};
