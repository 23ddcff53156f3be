import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
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
import { factory, may, timezone } from '../../state/session.ts';
import { returns } from '../../state/stream.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/rules.ts';
import { appliedTo } from './applied-devices.ts';
import { ExplainTab } from './explain-tab.tsx';
import { beginWith, keepDraft, keptDraft, takeBegun } from './kept-drafts.ts';
import { LeaveGuard } from './leave-guard.tsx';
import { removeRule } from './remove-rule.ts';
import { ReplayPanel } from './replay-panel.tsx';
import { bodyOf, changesOf, emptyDraft, type RuleDraft, ruleDraftOf, saysSame } from './rule-draft.ts';
import { useOtherRules, useRuleFacts } from './rule-facts.ts';
import { RuleForm } from './rule-form.tsx';
import { RuleReading } from './rule-reading.tsx';
import { VersionsTab } from './versions-tab.tsx';

const CRUMBS = [[text.title, '/rules']] as const;
const TABS = ['rule', 'explain', 'versions'] as const;
const FRESH = 'new';

/** What one edits: what is saved, with the changes on it, kept over a way back in the browser. */
function useDraft(id: string, saved: SavedRule | undefined) {
  const key = `${factory.value?.id ?? ''} ${id}`;
  const [base, setBase] = useState(() => (saved === undefined ? emptyDraft() : ruleDraftOf(saved)));
  const [wasKept] = useState(() => keptDraft(key) !== undefined);
  const [draft, setDraft] = useState(() => keptDraft(key) ?? (saved === undefined ? takeBegun() : undefined) ?? base);
  const isChanged = !saysSame(draft, base);
  useEffect(() => keepDraft(key, isChanged ? draft : undefined), [key, draft, isChanged]);
  return {
    base,
    draft,
    setDraft,
    isChanged,
    wasKept,
    /** What is saved now. */
    settle: (rule: SavedRule) => {
      const next = ruleDraftOf(rule);
      setBase(next);
      setDraft(next);
      keepDraft(key, undefined);
    },
    discard: () => setDraft(base),
    forget: () => keepDraft(key, undefined),
  };
}

/** A rule may stop while it is looked at (ms). */
const FAULT_EVERY_MS = 10_000;

/** Why the engine leaves out the rule, as it is now, though somebody else may have saved it since; null where it does not. */
function useFault(saved: SavedRule | undefined): SavedRule['fault'] {
  const { data } = useResource(
    `fault ${saved?.id} ${saved?.version}`,
    async (signal) => saved && call('GET /rules/{id}', { path: { id: saved.id }, signal }),
    saved && { everyMs: FAULT_EVERY_MS },
  );
  return (data ?? saved)?.fault ?? null;
}

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
  readonly saved: SavedRule | undefined;
  /** Undefined for a rule that is not there yet. */
  readonly onSaved: (rule: SavedRule) => void;
}

/** Faults of a part that was changed say nothing any more. */
const stillFaulty = (faults: readonly FieldFault[], before: RuleDraft, after: RuleDraft): readonly FieldFault[] => {
  const changed = Object.keys(changesOf(before, after));
  return faults.filter(({ pointer }) => changed.every((member) => !`${pointer}/`.startsWith(`/${member}/`)));
};

function useSaving({ id, saved, onSaved }: EditorProps, editing: ReturnType<typeof useDraft>) {
  const { route } = useLocation();
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [isSaving, setSaving] = useState(false);
  /** The version of somebody else that one has been told of. */
  const told = useRef<number | undefined>(undefined);
  /** Whether somebody else has saved meanwhile, which is told once. */
  const isBehind = async () => {
    if (saved === undefined) return false;
    const { version, updated_by: by } = await call('GET /rules/{id}', { path: { id } });
    if (version === saved.version || version === told.current) return false;
    told.current = version;
    toast(text.changedMeanwhile(by), { isError: true });
    return true;
  };
  const save = async () => {
    setSaving(true);
    try {
      if (await isBehind()) return;
      const { base, draft } = editing;
      const rule =
        saved === undefined
          ? await call('POST /rules', { body: bodyOf(draft) })
          : await call('PATCH /rules/{id}', { path: { id }, body: changesOf(base, draft) });
      setFaults([]);
      editing.settle(rule);
      onSaved(rule);
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
  return { faults, setFaults, isSaving, save };
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
  const { id, saved } = props;
  const { route } = useLocation();
  const { values } = useQuery();
  const editing = useDraft(id, saved);
  const { base, draft, setDraft, isChanged, wasKept, discard, forget } = editing;
  const { faults, setFaults, isSaving, save } = useSaving(props, editing);
  const [deviceId, setDeviceId] = useState<string>();
  const facts = useRuleFacts(draft, deviceId);
  const others = useOtherRules(saved?.id);
  const fault = useFault(saved);
  useFocusOnFault(faults);
  const change = (next: RuleDraft) => {
    setFaults((before) => stillFaulty(before, draft, next));
    setDraft(next);
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
  return (
    <Page
      title={draft.name.trim() || text.newTitle}
      crumbs={CRUMBS}
      sub={stateOf(saved, isChanged, fault !== null)}
      actions={
        mayChange && (
          <>
            {isChanged && (
              <Button
                look="quiet"
                onClick={() => {
                  setFaults([]);
                  discard();
                }}
              >
                {text.discard}
              </Button>
            )}
            <Button look="primary" busy={isSaving} disabled={saved !== undefined && !isChanged} onClick={save}>
              {saved === undefined || !isChanged ? text.save : text.saveVersion(saved.version + 1)}
            </Button>
            {saved !== undefined && (
              <RowMenu
                label={text.more(saved.name)}
                actions={[
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
            <Button small onClick={discard}>
              {text.discard}
            </Button>
          }
        >
          {text.kept}
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
              <RuleReading draft={draft} devices={facts.devices ?? []} known={facts.known} />
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

const NotFound = () => (
  <Page title={text.notFoundTitle} crumbs={CRUMBS}>
    <section class="panel">
      <Empty icon="search" title={text.notFoundTitle} action={<ButtonLink href="/rules">{text.toRules}</ButtonLink>}>
        {text.notFoundBody}
      </Empty>
    </section>
  </Page>
);

const Opened = ({ id }: { id: string }) => {
  const { data, error, reload, set } = useResource(
    `rule ${id} ${returns.value}`,
    (signal) => call('GET /rules/{id}', { path: { id }, signal }),
    { keepsData: true },
  );
  if (error?.status === 404) return <NotFound />;
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
  return <Editor id={id} saved={data} onSaved={set} />;
};

/** One rule: what it says, built by clicking or by keyboard, what it would have done, why it fires, and how it was. */
export const Rule = () => {
  const { id = FRESH } = useRoute().params;
  if (id !== FRESH) return <Opened key={id} id={id} />;
  return may('rules') ? <Editor key={FRESH} id={FRESH} saved={undefined} onSaved={() => {}} /> : <NotFound />;
};
