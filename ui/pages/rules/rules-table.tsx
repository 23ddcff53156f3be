import { useMemo, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Rule } from '../../api/schema.ts';
import { Icon } from '../../components/icon.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import type { Sort } from '../../components/sort-rows.ts';
import { Age } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { useQuery } from '../../state/query.ts';
import { may } from '../../state/session.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { sortOf, sortWord } from '../devices/device-list.ts';
import { type ListedRule, rankOf, worstOf } from './rule-list.ts';

interface RulesTableProps {
  readonly rules: readonly ListedRule[];
  readonly isAll: boolean;
  readonly onToggle: (rule: Rule, isActive: boolean) => void;
  readonly onRemove: (rule: Rule) => void;
  readonly onDuplicate: (rule: Rule) => void;
}

const FIRST_SORT = 'name';

const Fired = ({ listed, isAll }: { listed: ListedRule; isAll: boolean }) => {
  const { standing, lastFiredAt } = listed;
  if (lastFiredAt === null) return <span class="muted">{isAll ? text.neverFired : text.notLately}</span>;
  return (
    <>
      {standing > 0 && <b class="strong rl__standing">{text.firingNow(standing)}</b>}
      <span class="rl__ago">
        <Age at={lastFiredAt} />
      </span>
    </>
  );
};

/** On, and yet not watching. */
const Stopped = () => (
  <span class="rl__stopped">
    <Icon name="warning" small />
    {text.stopped}
  </span>
);

function columnsOf(latest: { readonly current: RulesTableProps }): readonly Column<ListedRule>[] {
  const mayChange = may('rules');
  return [
    {
      id: 'on',
      label: text.columns.on,
      hasHiddenLabel: true,
      class: 'rl__switch',
      cell: ({ rule }) => (
        <input
          type="checkbox"
          role="switch"
          aria-checked={rule.is_active}
          class="switch"
          aria-label={text.switchOn(rule.name)}
          checked={rule.is_active}
          disabled={!mayChange}
          onChange={(event) => latest.current.onToggle(rule, event.currentTarget.checked)}
        />
      ),
    },
    {
      id: 'name',
      label: text.columns.name,
      class: 'rl__name wide',
      sortBy: ({ rule }) => rule.name,
      cell: ({ rule, sentence }) => (
        <>
          <a href={`/rules/${rule.id}`}>{rule.name}</a>
          {rule.fault !== null && <Stopped />}
          <span class="sub" title={sentence}>
            {sentence}
          </span>
        </>
      ),
    },
    {
      id: 'severity',
      label: text.columns.severity,
      class: 'rl__severity',
      sortBy: rankOf,
      cell: ({ rule }) => {
        const worst = worstOf(rule);
        return <SeverityChip severity={worst}>{common.severity[worst]}</SeverityChip>;
      },
    },
    {
      id: 'devices',
      label: text.columns.devices,
      class: 'rl__devices',
      sortBy: ({ deviceCount }) => deviceCount,
      cell: ({ devices, deviceCount }) => (
        <>
          {devices}
          <span class="sub">{text.tagCount(deviceCount)}</span>
        </>
      ),
    },
    {
      id: 'fired',
      label: text.columns.fired,
      class: 'rl__last',
      isNumeric: true,
      sortBy: ({ lastFiredAt }) => (lastFiredAt === null ? null : -lastFiredAt),
      cell: (listed) => <Fired listed={listed} isAll={latest.current.isAll} />,
    },
    {
      id: 'more',
      label: text.columns.more,
      hasHiddenLabel: true,
      class: 'rl__more',
      cell: ({ rule }) => (
        <RowMenu
          label={text.more(rule.name)}
          actions={
            mayChange
              ? [
                  { label: text.duplicate, icon: 'copy', run: () => latest.current.onDuplicate(rule) },
                  { label: text.remove, icon: 'trash', run: () => latest.current.onRemove(rule) },
                ]
              : []
          }
        />
      ),
    },
  ];
}

/** The list itself. A row opens the rule. */
export const RulesTable = (props: RulesTableProps) => {
  const { route } = useLocation();
  const { values, set } = useQuery();
  const latest = useRef(props);
  latest.current = props;
  const columns = useMemo(() => columnsOf(latest), [props.isAll]);
  const sort: Sort = sortOf(values.sort ?? FIRST_SORT);
  return (
    <Table
      class="rl__table"
      label={text.title}
      columns={columns}
      rows={props.rules}
      keyOf={({ rule }) => rule.id}
      sort={sort}
      onSort={(next) => set({ sort: sortWord(next) === FIRST_SORT ? undefined : sortWord(next) })}
      onOpen={({ rule }) => route(`/rules/${rule.id}`)}
      rowClass={({ rule }) => (rule.is_active ? '' : 'is-resting')}
    />
  );
};
