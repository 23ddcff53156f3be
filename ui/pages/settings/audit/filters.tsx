import { momentOf } from '../../../charts/zone.ts';
import { Button } from '../../../components/button.tsx';
import { Field } from '../../../components/field.tsx';
import { useQuery } from '../../../state/query.ts';
import { timezone } from '../../../state/session.ts';
import { text } from '../../../text/audit.ts';
import { kindWord } from './wording.ts';

const DAY_MS = 86_400_000;

/** What stands in the address of the page. */
export interface Filters {
  readonly q: string;
  readonly who: string;
  /** The beginning of an action: `device.` */
  readonly what: string;
  /** Days, both included: `2027-01-31` */
  readonly from: string;
  readonly to: string;
  readonly isWide: boolean;
}

/** The filters that the address of the page holds. */
export function useFilters() {
  const { values, set } = useQuery();
  const { q = '', who = '', what = '', from = '', to = '', scope } = values;
  return { filters: { q, who, what, from, to, isWide: scope === 'all' } satisfies Filters, set };
}

export const isFiltered = ({ q, who, what, from, to }: Filters): boolean =>
  [q, who, what, from, to].some((it) => it !== '');

/** The midnight with which a day begins in the factory's zone, or that many days later. */
function dayAt(day: string, later: number): string | undefined {
  const wall = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(wall) ? undefined : new Date(momentOf(wall + later * DAY_MS, timezone.value)).toISOString();
}

/** As the API takes them. */
export const queryOf = ({ q, who, what, from, to }: Filters) => ({
  q,
  actor: who,
  action: what,
  ...(from !== '' && { from: dayAt(from, 0) ?? '' }),
  ...(to !== '' && { to: dayAt(to, 1) ?? '' }),
});

const kinds = () =>
  Object.keys(text.kinds)
    .filter((kind) => kind !== 'session' && kind !== 'refusal')
    .map((kind) => [`${kind}.`, kindWord(kind)] as const)
    .toSorted(([, one], [, other]) => one.localeCompare(other));

/** Narrows the list; each change is in the address, so that a link shows the same. */
export const FilterBar = () => {
  const { filters, set } = useFilters();
  const typing = (name: string) => (value: string) => set({ [name]: value }, { replace: true });
  return (
    <search class="aud__filters" aria-label={text.filters}>
      <Field label={text.search}>
        <input
          class="input"
          type="search"
          value={filters.q}
          onInput={(event) => typing('q')(event.currentTarget.value)}
        />
      </Field>
      <Field label={text.who}>
        <input
          class="input"
          placeholder={text.whoHint}
          value={filters.who}
          onInput={(event) => typing('who')(event.currentTarget.value)}
        />
      </Field>
      <Field label={text.what}>
        <select class="select" value={filters.what} onChange={(event) => set({ what: event.currentTarget.value })}>
          <option value="">{text.anything}</option>
          {kinds().map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field label={text.from}>
        <input
          class="input"
          type="date"
          value={filters.from}
          max={filters.to}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
      </Field>
      <Field label={text.to}>
        <input
          class="input"
          type="date"
          value={filters.to}
          min={filters.from}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
      </Field>
      {isFiltered(filters) && (
        <Button
          look="quiet"
          icon="close"
          onClick={() => set({ q: undefined, who: undefined, what: undefined, from: undefined, to: undefined })}
        >
          {text.clear}
        </Button>
      )}
    </search>
  );
};
