import { useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { call } from '../../api/client.ts';
import type { Rule } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Icon } from '../../components/icon.tsx';
import { Page } from '../../components/page.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { Segmented } from '../../components/tabs.tsx';
import { formatCount } from '../../format/number.ts';
import { useQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { returns } from '../../state/stream.ts';
import { text } from '../../text/rules.ts';
import { useDirectory } from '../trends/directory.ts';
import { beginWith } from './kept-drafts.ts';
import { removeRule } from './remove-rule.ts';
import { EXAMPLES, type Example, emptyDraft, exampleCondition, ruleDraftOf } from './rule-draft.ts';
import { ASKED, allRules, useParameters } from './rule-facts.ts';
import { countsOf, FILTERS, filterOf, type ListedRule, listedRules, matching, tellingDevices } from './rule-list.ts';
import { RulesTable } from './rules-table.tsx';
import { switchRule } from './switch-rule.ts';

const EVERY_MS = 10_000;
/** Who fired last is told from so many of the newest alarms, and from all that are open. */
const NEWEST = 500;

async function lastAlarms(signal: AbortSignal) {
  const [open, newest] = await Promise.all([
    call('GET /alerts', { query: { status: 'active,acknowledged', limit: NEWEST }, signal }),
    call('GET /alerts', { query: { limit: NEWEST }, signal }),
  ]);
  const items = [...new Map([...newest.items, ...open.items].map((alarm) => [alarm.id, alarm])).values()];
  return { items, isAll: newest.next_cursor === null };
}

/** Examples that lead to the editor; nothing is made by a click on them. */
const NoneYet = () => {
  const { route } = useLocation();
  const begin = (example: Example) => {
    beginWith({ ...emptyDraft(exampleCondition(example)), name: text.exampleNames[example] });
    route('/rules/new');
  };
  if (!may('rules')) {
    return (
      <Empty icon="rules" title={text.noneTitle}>
        {text.noneBodyOfOthers}
      </Empty>
    );
  }
  return (
    <Empty
      icon="rules"
      title={text.noneTitle}
      action={
        <>
          <ul class="rl__examples">
            {EXAMPLES.map((example) => {
              const [title, hint] = text.examples[example];
              return (
                <li key={example}>
                  <button type="button" class="choice" onClick={() => begin(example)}>
                    <Icon name="right" small />
                    <span>
                      <b class="strong">{title}</b>
                      <small>{hint}</small>
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
          <ButtonLink look="primary" icon="plus" href="/rules/new">
            {text.newRule}
          </ButtonLink>
        </>
      }
    >
      {text.noneBody}
    </Empty>
  );
};

interface ListProps {
  readonly rules: readonly ListedRule[];
  /** Every alarm that there is was looked at. */
  readonly isAll: boolean;
  readonly onChanged: () => void;
}

const List = ({ rules, isAll, onChanged }: ListProps) => {
  const { route } = useLocation();
  const { values, set } = useQuery();
  const [typed, setTyped] = useState(values.q ?? '');
  const filter = filterOf(values.state);
  const counts = useMemo(() => countsOf(rules), [rules]);
  const shown = useMemo(() => matching(rules, typed, filter), [rules, typed, filter]);
  const keepTyped = () => set({ q: typed }, { replace: true });
  const toggle = async (rule: Rule, isActive: boolean) => {
    await switchRule(rule, isActive);
    onChanged();
  };
  const remove = async (rule: Rule) => {
    await removeRule(rule, onChanged);
    onChanged();
  };
  const duplicate = (rule: Rule) => {
    beginWith({ ...ruleDraftOf(rule), name: text.copyOf(rule.name) });
    route('/rules/new');
  };
  return (
    <>
      <div class="row row--wrap dev__tools">
        <Segmented
          label={text.filter}
          current={filter}
          onChoose={(state) => set({ state: state === 'all' ? undefined : state })}
          choices={FILTERS.filter((id) => id !== 'stopped' || counts.stopped > 0 || filter === id).map((id) => [
            id,
            <>
              {text.filters[id]} <span class="badge">{formatCount(counts[id])}</span>
            </>,
          ])}
        />
        <span class="dev__q">
          <SearchBox label={text.search} value={typed} onInput={setTyped} onLeave={keepTyped} />
        </span>
        <span class="small muted" role="status">
          {shown.length < rules.length && text.shown(shown.length, rules.length)}
        </span>
      </div>
      <section class="panel" aria-label={text.title}>
        {shown.length === 0 ? (
          <Empty
            icon="search"
            title={text.noMatchTitle}
            action={
              <Button
                onClick={() => {
                  setTyped('');
                  set({ q: undefined, state: undefined });
                }}
              >
                {text.clear}
              </Button>
            }
          >
            {typed === '' ? text.noMatchFilter : text.noMatch(typed)}
          </Empty>
        ) : (
          <RulesTable
            rules={shown}
            isAll={isAll}
            onToggle={(rule, isActive) => void toggle(rule, isActive)}
            onRemove={(rule) => void remove(rule)}
            onDuplicate={duplicate}
          />
        )}
      </section>
    </>
  );
};

/** All rules of the factory: what they watch for, whether they watch, and when they fired. */
export const Rules = () => {
  const { data, error, reload } = useResource(`rules ${returns.value}`, allRules, {
    everyMs: EVERY_MS,
    keepsData: true,
  });
  const directory = useDirectory();
  const devices = directory.devices.data;
  const telling = useMemo(() => tellingDevices(data ?? [], devices ?? [], ASKED), [data, devices]);
  const parameters = useParameters(directory, telling);
  const alarms = useResource(`rule alarms ${returns.value}`, lastAlarms, { everyMs: EVERY_MS, keepsData: true });
  const rules = useMemo(
    () => data && listedRules(data, devices ?? [], alarms.data?.items ?? [], parameters),
    [data, devices, alarms.data, parameters],
  );
  return (
    <Page
      title={text.title}
      sub={rules !== undefined && rules.length > 0 && text.sub(rules.length, countsOf(rules).active)}
      actions={
        may('rules') &&
        rules !== undefined &&
        rules.length > 0 && (
          <ButtonLink look="primary" icon="plus" href="/rules/new">
            {text.newRule}
          </ButtonLink>
        )
      }
    >
      {rules !== undefined && rules.length > 0 ? (
        <List rules={rules} isAll={alarms.data?.isAll === true} onChanged={reload} />
      ) : (
        <section class="panel">
          {rules !== undefined && <NoneYet />}
          {rules === undefined && error !== undefined && <Failed error={error} retry={reload} />}
          {rules === undefined && error === undefined && (
            <div class="panel__body">
              <Skeleton lines={6} height="1.5rem" />
            </div>
          )}
        </section>
      )}
    </Page>
  );
};
