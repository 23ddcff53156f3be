import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { timezones } from '../../format/timezones.ts';
import { timezone } from '../../state/session.ts';
import { text } from '../../text/rules.ts';
import type { Schedule } from './rule-draft.ts';
import { ChoiceToken, LastWord } from './token.tsx';

interface ScheduleProps {
  readonly schedule: Schedule | null;
  readonly onSchedule: (schedule: Schedule | null) => void;
}

type Hours = Schedule['windows'][number];

const WORKING_DAY: Hours = { days: [1, 2, 3, 4, 5], from: '06:00', to: '22:00' };
const AT_TIMES: Schedule = { timezone: 'factory', windows: [WORKING_DAY], from_date: null, to_date: null };
const WHEN = [
  ['always', text.always],
  ['times', text.atTimes],
] as const;

const DayButtons = ({ days, onDays }: { days: readonly number[]; onDays: (days: readonly number[]) => void }) => (
  <fieldset class="seg seg--sm rl__days" aria-label={text.hoursOn}>
    {text.days.map((short, place) => {
      const day = place + 1;
      const isOn = days.includes(day);
      return (
        <button
          key={short}
          type="button"
          aria-pressed={isOn}
          title={text.dayNames[place]}
          onClick={() => onDays(isOn ? days.filter((one) => one !== day) : [...days, day].toSorted((a, b) => a - b))}
        >
          {short}
        </button>
      );
    })}
  </fieldset>
);

/** What an end before its beginning means is said, so that nobody has to know. */
const endNote = ({ from, to }: Hours) => (from === to ? text.wholeDay : to < from ? text.nextDay : undefined);

const HoursRow = ({
  hours,
  onHours,
  onRemove,
}: {
  hours: Hours;
  onHours: (hours: Hours) => void;
  onRemove: () => void;
}) => (
  <li class="row row--wrap">
    <DayButtons days={hours.days} onDays={(days) => onHours({ ...hours, days })} />
    <span class="row row--wrap">
      {text.hoursFrom}
      <input
        class="input rl__time"
        type="time"
        aria-label={text.hoursFromLabel}
        value={hours.from}
        onInput={(event) => onHours({ ...hours, from: event.currentTarget.value })}
      />
      {text.hoursTo}
      <input
        class="input rl__time"
        type="time"
        aria-label={text.hoursToLabel}
        value={hours.to}
        onInput={(event) => onHours({ ...hours, to: event.currentTarget.value })}
      />
      <span class="small muted">{endNote(hours)}</span>
    </span>
    <Button small look="quiet" icon="close" label={text.removeHours} onClick={onRemove} />
  </li>
);

const DateField = (props: { label: string; value: string | null; onValue: (value: string | null) => void }) => (
  <Field label={props.label}>
    <input
      class="input"
      type="date"
      value={props.value ?? ''}
      onInput={(event) => props.onValue(event.currentTarget.value || null)}
    />
  </Field>
);

const Times = ({ schedule, onSchedule }: { schedule: Schedule; onSchedule: (schedule: Schedule) => void }) => {
  const { windows } = schedule;
  const withWindows = (next: readonly Hours[]) => onSchedule({ ...schedule, windows: next });
  return (
    <div class="stack stack--tight">
      <ul class="rl__hours">
        {windows.map((hours, place) => (
          <HoursRow
            key={place}
            hours={hours}
            onHours={(next) => withWindows(windows.with(place, next))}
            onRemove={() => withWindows(windows.toSpliced(place, 1))}
          />
        ))}
      </ul>
      <span>
        <Button small look="quiet" icon="plus" onClick={() => withWindows([...windows, windows.at(-1) ?? WORKING_DAY])}>
          {text.addHours}
        </Button>
      </span>
      <div class="rl__dates">
        <DateField
          label={text.firstDay}
          value={schedule.from_date}
          onValue={(from_date) => onSchedule({ ...schedule, from_date })}
        />
        <DateField
          label={text.lastDay}
          value={schedule.to_date}
          onValue={(to_date) => onSchedule({ ...schedule, to_date })}
        />
        <Field label={text.zone}>
          <select
            class="select"
            value={schedule.timezone}
            onChange={(event) => onSchedule({ ...schedule, timezone: event.currentTarget.value })}
          >
            <option value="factory">{text.factoryZone(timezone.value)}</option>
            {timezones(schedule.timezone === 'factory' ? 'UTC' : schedule.timezone).map((zone) => (
              <option key={zone} value={zone}>
                {zone}
              </option>
            ))}
          </select>
        </Field>
      </div>
    </div>
  );
};

/** When a rule applies: always, or at hours of some days. */
export const ScheduleEditor = ({ schedule, onSchedule }: ScheduleProps) => (
  <div class="stack stack--tight">
    <div class="rl__sentence">
      {text.schedule}{' '}
      <LastWord>
        <ChoiceToken
          token="schedule"
          label={text.schedule}
          choices={WHEN}
          current={schedule === null ? 'always' : 'times'}
          onChoose={(when) => onSchedule(when === 'always' ? null : (schedule ?? AT_TIMES))}
        />
      </LastWord>
    </div>
    {schedule !== null && <Times schedule={schedule} onSchedule={onSchedule} />}
  </div>
);
