import { useRef, useState } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { Popover } from '../components/menu.tsx';
import { formatTime, zoneName } from '../format/time.ts';
import { applianceNow } from '../state/clock.ts';
import { timezone } from '../state/session.ts';
import { text } from '../text/charts.ts';
import { text as common } from '../text/common.ts';
import {
  isLive,
  MAX_SPAN_MS,
  MIN_SPAN_MS,
  parseSpan,
  QUICK_SPANS,
  scaled,
  shifted,
  spanText,
  type TimeRange,
  windowOf,
} from './range.ts';
import { type FieldTime, pickerText, readField, readTimeInput, shownField, timeInputText } from './time-input.ts';
import { startOfDay } from './zone.ts';

/** A range in words, as short as can be: "Last 1 hour", "Today", "22 Nov, 14:00 - 16:00". */
export function rangeLabel(range: TimeRange, zone: string): string {
  if (range.kind === 'day') return text.days[range.day];
  if (range.kind === 'relative') {
    const span = spanText(range.spanMs);
    return text.last(text.spans[span] ?? span);
  }
  const isOneDay = startOfDay(range.from, zone) === startOfDay(range.to - 1, zone);
  const isShort = range.to - range.from < 600_000;
  const end = isOneDay
    ? formatTime(range.to, isShort ? 'time' : 'minute', zone)
    : formatTime(range.to, 'date_minute', zone);
  const start = formatTime(range.from, 'date_minute', zone);
  const seconds = isShort ? formatTime(range.from, 'time', zone).slice(-3) : '';
  return `${start}${seconds} – ${end}`;
}

interface PickerProps {
  readonly range: TimeRange;
  readonly onRange: (range: TimeRange) => void;
  /** False where nothing follows the time: there is no button for it then. */
  readonly hasLive?: boolean;
}

type Chooser = PickerProps & { readonly close: () => void };

const Quick = ({ range, onRange, close }: Chooser) => {
  const choose = (next: TimeRange) => {
    onRange(next);
    close();
  };
  return (
    <div class="timepick__quick">
      <p>{text.quickTitle}</p>
      {QUICK_SPANS.map((span) => {
        const spanMs = parseSpan(span) ?? 0;
        const isCurrent = range.kind === 'relative' && range.spanMs === spanMs;
        return (
          <button
            key={span}
            type="button"
            aria-pressed={isCurrent}
            onClick={() => choose({ kind: 'relative', spanMs })}
          >
            {text.spans[span]}
          </button>
        );
      })}
      <p>{text.calendarTitle}</p>
      {(['today', 'yesterday'] as const).map((day) => (
        <button
          key={day}
          type="button"
          aria-pressed={range.kind === 'day' && range.day === day}
          onClick={() => choose({ kind: 'day', day })}
        >
          {text.days[day]}
        </button>
      ))}
    </div>
  );
};

interface TimeFieldProps {
  readonly label: string;
  readonly pickLabel: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (value: string) => void;
}

/** A time to type, or to pick from the browser's own calendar, which fingers like better. */
const TimeField = ({ label, pickLabel, value, error, onInput }: TimeFieldProps) => {
  const picker = useRef<HTMLInputElement>(null);
  const zone = timezone.value;
  const moment = readTimeInput(value, applianceNow(), zone);
  return (
    <div class="timepick__time">
      <Field label={label} error={error}>
        <input
          class="input"
          autocomplete="off"
          spellcheck={false}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </Field>
      <Button look="quiet" icon="calendar" label={pickLabel} onClick={() => picker.current?.showPicker()} />
      <input
        class="timepick__native"
        type="datetime-local"
        tabIndex={-1}
        aria-hidden="true"
        ref={picker}
        value={moment === undefined ? '' : pickerText(moment, zone)}
        onInput={(event) => {
          const chosen = readTimeInput(event.currentTarget.value, applianceNow(), zone);
          if (chosen !== undefined) onInput(timeInputText(chosen, zone));
        }}
      />
    </div>
  );
};

const Typed = ({ range, onRange, close }: Chooser) => {
  const zone = timezone.value;
  const shown = windowOf(range, applianceNow(), zone);
  const [from, setFrom] = useState<FieldTime>(shownField(shown.from, zone));
  const [to, setTo] = useState<FieldTime>(isLive(range) ? { text: 'now' } : shownField(shown.to, zone));
  const [isTried, setTried] = useState(false);
  const now = applianceNow();
  const [start, end] = [readField(from, now, zone), readField(to, now, zone)];
  const span = (end ?? 0) - (start ?? 0);
  const orderFault = span <= 0 ? text.badOrder : span > MAX_SPAN_MS || span < MIN_SPAN_MS ? text.tooLong : undefined;
  const endFault = end === undefined ? text.badTime : start === undefined ? undefined : orderFault;
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (start === undefined || end === undefined || endFault !== undefined) return;
    const isRelative = to.text.trim().toLowerCase() === 'now' && /^(now ?)?-/.test(from.text.trim().toLowerCase());
    onRange(isRelative ? { kind: 'relative', spanMs: span } : { kind: 'absolute', from: start, to: end });
    close();
  };
  return (
    <form class="timepick__form" onSubmit={submit}>
      <TimeField
        label={text.from}
        pickLabel={text.pickFrom}
        value={from.text}
        error={isTried && start === undefined ? text.badTime : undefined}
        onInput={(typed) => setFrom({ text: typed })}
      />
      <TimeField
        label={text.to}
        pickLabel={text.pickTo}
        value={to.text}
        error={isTried ? endFault : undefined}
        onInput={(typed) => setTo({ text: typed })}
      />
      <p class="field__hint">
        {text.inputHint(zoneName(now, zone) === zone ? zone : `${zone} (${zoneName(now, zone)})`)}
      </p>
      <div class="row timepick__do">
        <Button look="quiet" onClick={close}>
          {common.cancel}
        </Button>
        <Button look="primary" type="submit">
          {text.show}
        </Button>
      </div>
    </form>
  );
};

/**
 * Chooses what part of time a page shows: the last while (live), a day, or any two moments; steps to the time before and
 * after, zooms out, holds still and follows again.
 */
export const TimeRangePicker = ({ range, onRange, hasLive = true }: PickerProps) => {
  const lastLive = useRef<TimeRange>({ kind: 'relative', spanMs: 3_600_000 });
  if (isLive(range)) lastLive.current = range;
  const live = isLive(range);
  const shown = () => windowOf(range, applianceNow(), timezone.peek());
  const hold = (window: { from: number; to: number }) =>
    onRange({ kind: 'absolute', from: Math.round(window.from), to: Math.round(window.to) });
  const zoomOut = () => {
    if (range.kind !== 'relative') hold(scaled(shown(), 2, applianceNow()));
    else onRange({ kind: 'relative', spanMs: Math.min(MAX_SPAN_MS, range.spanMs * 2) });
  };
  return (
    <fieldset class="timebar" aria-label={text.timeRange}>
      {hasLive && (
        <Button
          icon="play"
          class="timebar__live"
          aria-pressed={live}
          title={live ? text.liveHint : text.pausedHint}
          onClick={() => (live ? hold(shown()) : onRange(lastLive.current))}
        >
          {text.live}
        </Button>
      )}
      <span class="timebar__group">
        <Button icon="left" label={text.earlier} onClick={() => hold(shifted(shown(), -1, applianceNow()))} />
        <Popover
          button={(attributes) => (
            <button type="button" class="btn timebar__range" {...attributes}>
              <Icon name="clock" small />
              <span class="clip">{rangeLabel(range, timezone.value)}</span>
              <Icon name="chevron" small />
            </button>
          )}
        >
          {(close) => (
            <div class="timepick" role="dialog" aria-label={text.timeRange}>
              <Quick range={range} onRange={onRange} close={close} />
              <Typed range={range} onRange={onRange} close={close} />
            </div>
          )}
        </Popover>
        <Button
          icon="right"
          label={text.later}
          disabled={live}
          onClick={() => hold(shifted(shown(), 1, applianceNow()))}
        />
        <Button icon="zoomOut" class="hide-sm" label={text.zoomOut} onClick={zoomOut} />
      </span>
    </fieldset>
  );
};
