import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Device, Parameter, Replay } from '../../api/schema.ts';
import type { TimeRange } from '../../charts/range.ts';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import type { TrendModel } from '../../charts/trend-model.ts';
import { seriesOf } from '../../charts/trend-series.ts';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/tabs.tsx';
import { formatCount } from '../../format/number.ts';
import { applianceNow } from '../../state/clock.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { nameOfDevice } from './applied-devices.ts';
import { DeviceChoice } from './device-choice.tsx';
import { FiringsTable } from './firings-table.tsx';
import { createReplayRuns, type ReplayApi, type ReplayQuestion, type ReplayRuns } from './replay-runs.ts';
import { bodyOf, isWhole, type RuleBody, type RuleDraft } from './rule-draft.ts';
import { bandsOf, limitsOf, parametersOf } from './rule-overlay.ts';

const DAY_MS = 86_400_000;
const DAYS = ['1', '7', '30'] as const;
type Days = (typeof DAYS)[number];

const api: ReplayApi = {
  start: ({ rule, deviceId, from, to }, signal) =>
    call('POST /rules/replay', {
      body: {
        rule,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        device_ids: [deviceId],
        wait: false,
      },
      signal,
    }),
  look: (id, signal) => call('GET /rules/replays/{id}', { path: { id }, signal }),
  cancel: (id) => call('DELETE /rules/replays/{id}', { path: { id } }),
};

/** Names, guidance and whom to tell change nothing of when it fires: they are not asked about. */
function askedOf(draft: RuleDraft): RuleBody {
  const { severity, condition, levels = [], cooldown_seconds, keep_firing_seconds, schedule = null } = bodyOf(draft);
  return {
    name: text.newRule,
    severity,
    condition,
    levels,
    schedule,
    ...(cooldown_seconds !== undefined && { cooldown_seconds }),
    ...(keep_firing_seconds !== undefined && { keep_firing_seconds }),
  };
}

/** Replays a rule as it is edited. Undefined: there is nothing to ask. */
function useReplay(question: ReplayQuestion | undefined): ReplayRuns {
  const runs = useMemo(() => createReplayRuns(api), []);
  const key = question === undefined ? '' : JSON.stringify(question);
  useEffect(() => runs.ask(question), [key]);
  useEffect(() => () => runs.close(), [runs]);
  return runs;
}

const firingsOf = (replay: Replay | undefined) => replay?.devices[0]?.firings;

/** How far it is, and what it has found. */
const Outcome = ({ runs, device }: { runs: ReplayRuns; device: Device }) => {
  const { phase, progress, replay, reason, faults } = runs.state.value;
  const result = replay?.devices[0];
  const isBusy = phase === 'waiting' || phase === 'running';
  return (
    <div class="rl__outcome" aria-busy={isBusy}>
      {result !== undefined && (
        <p class={isBusy ? 'rl__fired is-old' : 'rl__fired'}>
          <b>{formatCount(result.firings.length)}</b>
          <span>
            {text.firedTimes(result.firings.length, nameOfDevice(device))}
            <small>{text.samples(formatCount(result.samples))}</small>
          </span>
        </p>
      )}
      <div class="rl__status" role="status">
        {isBusy && (
          <span class="progress grow">
            <span class="soft">
              {phase === 'running' ? text.replayRunning(Math.floor(progress * 100)) : text.replayWaiting}
            </span>
            <Button small look="quiet" onClick={() => runs.stop()}>
              {text.replayStop}
            </Button>
            <span class="bar">
              <i style={{ width: `${progress * 100}%` }} />
            </span>
          </span>
        )}
        {(phase === 'failed' || phase === 'stopped') && (
          <span class="row row--wrap">
            <span class={phase === 'failed' ? 'field__error' : 'soft'}>
              {phase === 'stopped' ? text.replayStopped : text.replayFailed(faults[0]?.message ?? reason ?? '')}
            </span>
            <Button small icon="restore" onClick={() => runs.again()}>
              {common.tryAgain}
            </Button>
          </span>
        )}
      </div>
      {result !== undefined && result.incomplete.length > 0 && (
        <p class="small soft">{text.incomplete(result.incomplete.length)}</p>
      )}
      {result?.truncated === true && <p class="small soft">{text.truncated}</p>}
    </div>
  );
};

/** What the saved rule would have done in the same time. */
const SavedOutcome = ({ question, version }: { question: ReplayQuestion | undefined; version: number }) => {
  const runs = useReplay(question);
  const firings = firingsOf(runs.state.value.replay);
  return firings === undefined ? null : <p class="small muted">{text.savedFired(version, firings.length)}</p>;
};

interface ReplayPanelProps {
  readonly draft: RuleDraft;
  /** What is saved, and its version, where that is something else. */
  readonly saved: { readonly draft: RuleDraft; readonly version: number } | undefined;
  /** Those that the rule is for. */
  readonly devices: readonly Device[];
  readonly device: Device | undefined;
  readonly onDevice: (id: string) => void;
  readonly parameters: readonly Parameter[] | undefined;
}

/** The charts of what the rule reads, with its limits and with the times in which it would have stood. */
const ReplayCharts = (
  props: ReplayPanelProps & { device: Device; runs: ReplayRuns; window: TimeRange; to: number },
) => {
  const { draft, device, parameters, runs, window, to } = props;
  const [range, setRange] = useState(window);
  const [model, setModel] = useState<TrendModel>();
  const levels = [{ severity: draft.severity, when: draft.when }, ...draft.levels];
  const names = parametersOf(levels);
  const known = useMemo(
    () => names.flatMap((name) => parameters?.find((parameter) => parameter.name === name) ?? []),
    [names.join('\n'), parameters],
  );
  const missing = names.filter((name) => known.every((parameter) => parameter.name !== name));
  useLayoutEffect(() => setRange(window), [window]);
  // In the units that are sent, as the rule compares them: its sentences and its chart say the same.
  const series = useMemo(() => known.map((parameter) => seriesOf(device, parameter, 'as_sent')), [device, known]);
  const limits = limitsOf(levels);
  const limitKey = JSON.stringify(limits);
  const { replay } = runs.state.value;
  const shown = useMemo(() => limits, [limitKey]);
  const bands = useMemo(() => (replay?.devices ?? []).flatMap(bandsOf), [replay]);
  const firings = firingsOf(replay);
  return (
    <>
      {series.length > 0 && (
        <TrendCharts series={series} range={range} onRange={setRange} bands={bands} limits={shown} onModel={setModel} />
      )}
      {parameters !== undefined && missing.length > 0 && <p class="small soft">{text.notThere(missing.join(', '))}</p>}
      {firings !== undefined && firings.length > 0 && (
        <FiringsTable firings={firings} to={to} parameters={known} onShow={(found) => model?.view.show(found)} />
      )}
    </>
  );
};

/** What the rule, as it stands in the editor, would have done: counted, drawn and listed. */
export const ReplayPanel = (props: ReplayPanelProps) => {
  const { draft, saved, devices, device, onDevice } = props;
  const [days, setDays] = useState<Days>('7');
  // It stands still while one edits, so that answers are compared; another range takes the time of now.
  const span = useMemo(() => {
    const to = Math.floor(applianceNow() / 1_000) * 1_000;
    return { from: to - Number(days) * DAY_MS, to };
  }, [days, device?.id]);
  const window = useMemo((): TimeRange => ({ kind: 'absolute', ...span }), [span]);
  const questionOf = (asked: RuleDraft): ReplayQuestion | undefined =>
    device === undefined || !isWhole(asked) ? undefined : { rule: askedOf(asked), deviceId: device.id, ...span };
  const question = questionOf(draft);
  const runs = useReplay(question);
  const savedQuestion = saved === undefined ? undefined : questionOf(saved.draft);
  const isOther = JSON.stringify(savedQuestion) !== JSON.stringify(question);
  return (
    <div class="stack rl__replay">
      <Panel
        title={text.replay}
        side={
          <Segmented
            small
            label={text.replayRange}
            choices={DAYS.map((id) => [id, text.replayDays[id]])}
            current={days}
            onChoose={setDays}
          />
        }
      >
        {device === undefined ? (
          <Empty icon="devices" title={text.replayOn}>
            {text.replayNoDevices}
          </Empty>
        ) : (
          <div class="stack stack--tight">
            <DeviceChoice label={text.replayDevice} devices={devices} current={device.id} onChoose={onDevice} />
            {question === undefined ? (
              <p class="small soft">{text.replayIncomplete}</p>
            ) : (
              <Outcome runs={runs} device={device} />
            )}
            {saved !== undefined && isOther && <SavedOutcome question={savedQuestion} version={saved.version} />}
          </div>
        )}
      </Panel>
      {device !== undefined && (
        <ReplayCharts key={device.id} {...props} device={device} runs={runs} window={window} to={span.to} />
      )}
    </div>
  );
};
