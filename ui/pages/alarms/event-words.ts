import type { AlarmEvent } from '../../api/schema.ts';
import type { Severity } from '../../components/severity.tsx';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';

/** What a line of the timeline says. */
export interface EventWords {
  readonly what: string;
  /** Why, with what value: in quieter words. */
  readonly detail: string;
  /** What somebody has written. */
  readonly said: string;
  /** Where the alarm was raised, or has become another one. */
  readonly severity: Severity | undefined;
}

const words = text.events;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const severityOf = (value: unknown): Severity | undefined =>
  typeof value === 'string' && Object.hasOwn(common.severity, value) ? (value as Severity) : undefined;
const severityWord = (value: unknown): string => {
  const severity = severityOf(value);
  return severity === undefined ? '' : common.severity[severity];
};
const reasonOf = (value: unknown): string => words.because[textOf(value)] ?? textOf(value).replaceAll('_', ' ');

/** What is known of how it ended or was taken away. */
const becauseOf = (value: unknown): string => {
  const reason = reasonOf(value);
  return reason === '' ? '' : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
};

interface Formats {
  /** A value of a parameter. */
  readonly value: (parameter: string | null, value: number | boolean | string) => string;
  /** A moment (epoch ms). */
  readonly moment: (ms: number) => string;
}

function valueWords({ parameter, value }: AlarmEvent['data'], formats: Formats): string {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') return '';
  return words.value(formats.value(textOf(parameter) || null, value));
}

/** An event of an alarm in words. */
export function eventWords({ kind, data }: Pick<AlarmEvent, 'kind' | 'data'>, formats: Formats): EventWords {
  const line = (what: string, more: Partial<EventWords> = {}): EventWords => ({
    what,
    detail: '',
    said: textOf(data.comment),
    severity: undefined,
    ...more,
  });
  switch (kind) {
    case 'raised':
      return line(words.raised(severityWord(data.severity)), {
        detail: valueWords(data, formats),
        severity: severityOf(data.severity),
      });
    case 'severity_changed':
      return line(words.severity_changed(severityWord(data.from), severityWord(data.to)), {
        detail: valueWords(data, formats),
        severity: severityOf(data.to),
      });
    case 'cleared':
      return line(words.cleared, { detail: becauseOf(data.because) || valueWords(data, formats) });
    case 'corrected':
      return line(words.corrected[textOf(data.what)] ?? words.correctedElse);
    case 'assigned':
      return line(typeof data.to === 'string' ? words.assignedTo(data.to) : words.assignedNobody);
    case 'shelved': {
      const until = Date.parse(textOf(data.until));
      const moment = Number.isNaN(until) ? '' : formats.moment(until);
      return line(data.one_shot === true ? words.shelvedNormal(moment) : words.shelvedUntil(moment), {
        said: textOf(data.reason),
      });
    }
    case 'closed':
      return line(words.closedBy[textOf(data.because)] ?? words.closed, {
        detail: Object.hasOwn(words.closedBy, textOf(data.because)) ? '' : becauseOf(data.because),
      });
    case 'unshelved':
      return line(words.unshelved, { detail: becauseOf(data.because) });
    case 'suppressed':
      return line(words.suppressed, { detail: becauseOf(data.by) });
    case 'unsuppressed':
      return line(words.unsuppressed);
    case 'acknowledged':
      return line(words.acknowledged);
    case 'commented':
      return line(words.commented);
    case 'escalated':
      return line(words.escalated);
  }
}
