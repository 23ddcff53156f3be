import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { ApiError, call, type FieldFault } from '../../api/client.ts';
import type { Rule as SavedRule } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Banner, Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatTime } from '../../format/time.ts';
import { useQuery, withQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { may, timezone } from '../../state/session.ts';
import { returns } from '../../state/stream.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/rules.ts';
import { appliedTo } from './applied-devices.ts';
import { ExplainTab } from './explain-tab.tsx';
import { beginWith } from './kept-drafts.ts';
import { LeaveGuard } from './leave-guard.tsx';
import { removeRule } from './remove-rule.ts';
import { ReplayPanel } from './replay-panel.tsx';
import { bodyOf, changesOf, type RuleDraft } from './rule-draft.ts';
import { useOtherRules, useRuleFacts } from './rule-facts.ts';
import { RuleForm } from './rule-form.tsx';
import { RuleReading } from './rule-reading.tsx';
import { switchRule } from './switch-rule.ts';
import { type Draft, useDraft } from './use-draft.ts';
import { VersionsTab } from './versions-tab.tsx';

const CRUMBS = [[text.title, '/rules']] as const;
const TABS = ['rule', 'explain', 'versions'] as const;
const FRESH = 'new';

const NotFound = () => (
  <Page title={text.notFoundTitle} crumbs={CRUMBS}>
    <section class="panel">
      <Empty icon="search" title={text.notFoundTitle} action={<ButtonLink href="/rules">{text.toRules}</ButtonLink>}>
        {text.notFoundBody}
      </Empty>
    </section>
  </Page>
);

/** Somebody else may save it, and it may stop by a fault, while it is looked at (ms). */
const EVERY_MS = 5_000;

/** What a page says below its title. */
function stateOf(saved: SavedRule | undefined, isChanged: boolean, isStopped: boolean): string {
  if (saved === undefined) return text.notSavedNew;
  const { version, is_active: isActive } = saved;
  if (isStopped) return isChanged ? text.notSavedStopped(version) : text.stoppedVersion(version);
  if (isChanged) return text.notSaved(version);
  return isActive ? text.running(version) : text.resting(version);
}

interface EditorProps {
  readonly id: string;
  /** As the appliance has told last; undefined for a rule that is not there yet. */
  readonly told: SavedRule | undefined;
  /** Somebody has deleted it. */
  readonly isGone?: boolean;
  readonly onSaved: (rule: SavedRule) => void;
}

/** Faults of a part that was changed say nothing any more. */
const stillFaulty = (faults: readonly FieldFault[], before: RuleDraft, after: RuleDraft): readonly FieldFault[] => {
  const changed = Object.keys(changesOf(before, after));
  return faults.filter(({ pointer }) => changed.every((member) => !`${pointer}/`.startsWith(`/${member}/`)));
};

function useSaving({ id, onSaved }: EditorProps, { saved, base, draft, settle }: Draft) {
  const { route } = useLocation();
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [isSaving, setSaving] = useState(false);
  const take = (rule: SavedRule) => {
    settle(rule, draft);
    onSaved(rule);
  };
  /** Whether somebody else has saved since the page has last heard: one is told of it, and saves once more if one wants to. */
  const isOvertaken = async () => {
    if (saved === undefined) return false;
    const rule = await call('GET /rules/{id}', { path: { id } });
    if (rule.version === saved.version) return false;
    onSaved(rule);
    toast(text.changedMeanwhile(rule.updated_by), { isError: true });
    return true;
  };
  const save = async () => {
    setSaving(true);
    try {
      if (await isOvertaken()) return;
      const rule =
        saved === undefined
          ? await call('POST /rules', { body: bodyOf(draft) })
          : await call('PATCH /rules/{id}', { path: { id }, body: changesOf(base, draft) });
      setFaults([]);
      take(rule);
      toast(text.saved(rule.name, rule.version));
      if (saved === undefined) route(`/rules/${rule.id}`, true);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFaults(error.faults);
      if (error.faults.length === 0) toastError(error);
      else toast(text.notSavable(error.faults.length), { isError: true });
    } finally {
      setSaving(false);
    }
  };
  const toggle = async (rule: SavedRule) => {
    const changed = await switchRule(rule, !rule.is_active);
    if (changed !== undefined) take(changed);
  };
  return { faults, setFaults, isSaving, save, toggle };
}

/** The first thing that is wrong takes the focus, once it is there. */
function useFocusOnFault(faults: readonly FieldFault[]): void {
  const before = useRef(0);
  useLayoutEffect(() => {
    const isNew = faults.length > before.current;
    before.current = faults.length;
    if (isNew) document.querySelector<HTMLElement>('.is-faulty, [aria-invalid="true"]')?.focus();
  }, [faults]);
}

const Editor = (props: EditorProps) => {
  const { id, told, isGone = false } = props;
  const { route } = useLocation();
  const { values } = useQuery();
  const editing = useDraft(id, told);
  const { saved, base, draft, setDraft, isChanged, wasKept, isBehind, discard, forget } = editing;
  const { faults, setFaults, isSaving, save, toggle } = useSaving(props, editing);
  const [deviceId, setDeviceId] = useState<string>();
  const facts = useRuleFacts(draft, deviceId);
  const others = useOtherRules(saved?.id);
  const fault = saved?.fault ?? null;
  useFocusOnFault(faults);
  const change = (next: RuleDraft) => {
    setFaults((before) => stillFaulty(before, draft, next));
    setDraft(next);
  };
  const discardAll = () => {
    setFaults([]);
    discard();
  };
  const tab = saved === undefined ? 'rule' : (TABS.find((one) => one === values.tab) ?? 'rule');
  const device = facts.applied.find((one) => one.id === deviceId) ?? facts.applied[0];
  const mayChange = may('rules');
  const remove = async () => {
    if (saved === undefined || !(await removeRule(saved, (restored) => route(`/rules/${restored.id}`)))) return;
    forget();
    route('/rules');
  };
  const duplicate = () => {
    beginWith({ ...draft, name: text.copyOf(draft.name) });
    route('/rules/new');
  };
  if (isGone && !isChanged) return <NotFound />;
  return (
    <Page
      title={draft.name.trim() || text.newTitle}
      crumbs={CRUMBS}
      sub={stateOf(saved, isChanged, fault !== null)}
      actions={
        mayChange && (
          <>
            {isChanged && (
              <Button look="quiet" onClick={discardAll}>
                {text.discard}
              </Button>
            )}
            <Button
              look="primary"
              busy={isSaving}
              disabled={isGone || (saved !== undefined && !isChanged)}
              onClick={save}
            >
              {saved === undefined || !isChanged ? text.save : text.saveVersion(saved.version + 1)}
            </Button>
            {saved !== undefined && (
              <RowMenu
                label={text.more(saved.name)}
                actions={[
                  ...(isChanged
                    ? []
                    : ([
                        {
                          label: saved.is_active ? text.turnOff : text.turnOn,
                          icon: saved.is_active ? 'pause' : 'play',
                          run: () => void toggle(saved),
                        },
                      ] as const)),
                  { label: text.duplicate, icon: 'copy', run: duplicate },
                  { label: text.remove, icon: 'trash', run: () => void remove() },
                ]}
              />
            )}
          </>
        )
      }
    >
      {isChanged && <LeaveGuard onLeave={forget} />}
      {wasKept && isChanged && (
        <Banner
          action={
            <Button small onClick={discardAll}>
              {text.discard}
            </Button>
          }
        >
          {text.kept}
        </Banner>
      )}
      {isGone && (
        <Banner
          severity="high"
          action={
            <Button small onClick={duplicate}>
              {text.duplicate}
            </Button>
          }
        >
          {text.isGone}
        </Banner>
      )}
      {isBehind && isChanged && !isGone && saved !== undefined && (
        <Banner
          action={
            <Button small onClick={discardAll}>
              {text.showTheirs}
            </Button>
          }
        >
          {text.isBehind(saved.updated_by, saved.version)}
        </Banner>
      )}
      {fault !== null && (
        <Banner severity="high">
          {text.stoppedSince(formatTime(Date.parse(fault.at), 'date_time', timezone.value), fault.message)}{' '}
          {mayChange && text.stoppedRemedy}
        </Banner>
      )}
      {saved !== undefined && (
        <Tabs
          label={text.rule}
          tabs={TABS.map((one) => ({ id: one, label: text.tabs[one] }))}
          current={tab}
          hrefOf={(one) => withQuery(`/rules/${id}`, { tab: one === 'rule' ? undefined : one })}
        />
      )}
      {tab === 'rule' && (
        <div class="grid rl">
          <div class="stack">
            {mayChange ? (
              <RuleForm
                draft={draft}
                onDraft={change}
                devices={facts.devices ?? []}
                choices={facts.choices}
                known={facts.known}
                faults={faults}
                others={others}
              />
            ) : (
              <RuleReading draft={draft} devices={facts.devices ?? []} known={facts.known} others={others} />
            )}
          </div>
          {may('operator') && (
            <ReplayPanel
              draft={draft}
              saved={saved === undefined || !isChanged ? undefined : { draft: base, version: saved.version }}
              devices={facts.applied}
              device={device}
              onDevice={setDeviceId}
              parameters={device && facts.parametersOf(device)}
            />
          )}
        </div>
      )}
      {tab === 'explain' && saved !== undefined && (
        <ExplainTab rule={saved} devices={appliedTo(saved, facts.devices ?? [])} isChanged={isChanged} />
      )}
      {tab === 'versions' && saved !== undefined && (
        <VersionsTab
          rule={saved}
          devices={facts.devices ?? []}
          known={facts.known}
          onTake={(taken, version) => {
            change(taken);
            toast(text.versionTaken(version));
            route(`/rules/${id}`);
          }}
        />
      )}
    </Page>
  );
};

const Opened = ({ id }: { id: string }) => {
  const { data, error, reload, set } = useResource(
    `rule ${id} ${returns.value}`,
    (signal) => call('GET /rules/{id}', { path: { id }, signal }),
    { everyMs: EVERY_MS, keepsData: true },
  );
  const isGone = error?.status === 404;
  if (isGone && data === undefined) return <NotFound />;
  if (data === undefined || data.id !== id) {
    return (
      <Page title={text.rule} crumbs={CRUMBS}>
        <section class="panel">
          {error === undefined ? (
            <div class="panel__body">
              <Skeleton lines={6} height="1.5rem" />
            </div>
          ) : (
            <Failed error={error} retry={reload} />
          )}
        </section>
      </Page>
    );
  }
  return <Editor id={id} told={data} isGone={isGone} onSaved={set} />;
};

/** One rule: what it says, built by clicking or by keyboard, what it would have done, why it fires, and how it was. */
export const Rule = () => {
  const { id = FRESH } = useRoute().params;
  if (id !== FRESH) return <Opened key={id} id={id} />;
  return may('rules') ? <Editor key={FRESH} id={FRESH} told={undefined} onSaved={() => {}} /> : <NotFound />;
};
