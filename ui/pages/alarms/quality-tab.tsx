import { useMemo } from 'preact/hooks';
import { call, type Reply } from '../../api/client.ts';
import type { Alarm, AlarmFigure } from '../../api/schema.ts';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { Segmented } from '../../components/tabs.tsx';
import { formatNumber } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { now } from '../../state/clock.ts';
import { useQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { text } from '../../text/alarms.ts';
import { AlarmSeverity, AlarmWords, momentWords } from './alarm-cells.tsx';
import { useOpenAlarms } from './open-alarms.ts';
import { RateChart } from './rate-chart.tsx';

type Quality = Reply<'GET /alarm-quality'>;

const words = text.quality;
const DAY_MS = 86_400_000;
const SPANS = ['7', '30', '90'] as const;
type Span = (typeof SPANS)[number];
/** Alarms listed of those that stand for long, or chatter. */
const MAX_LISTED = 10;

type FigureName = keyof typeof words.names;
const NAMES = Object.keys(words.names) as FigureName[];
const PERCENT: ReadonlySet<FigureName> = new Set([
  'over_ten_percent',
  'flood_percent',
  'top_ten_percent',
  'critical',
  'high',
  'medium',
]);

function figureOf(quality: Quality, name: FigureName): AlarmFigure {
  if (name === 'critical' || name === 'high' || name === 'medium') return quality.severities_percent[name];
  return quality[name];
}

/** What is poor stands out; what is as it should be does not. */
const Verdict = ({ verdict }: Pick<AlarmFigure, 'verdict'>) => {
  if (verdict === null) return <span class="muted">{words.tooFew}</span>;
  if (verdict === 'poor') return <SeverityChip severity="medium">{words.verdicts.poor}</SeverityChip>;
  return <span class="soft">{words.verdicts[verdict]}</span>;
};

const Figures = ({ quality }: { quality: Quality }) => {
  const shown = (name: FigureName, value: number) => `${formatNumber(value)}${PERCENT.has(name) ? ' %' : ''}`;
  return (
    <div class="table-wrap">
      <table class="table table--cards al__figures">
        <thead>
          <tr>
            <th scope="col">{words.figure}</th>
            <th scope="col" class="num">
              {words.value}
            </th>
            <th scope="col" class="num">
              {words.target}
            </th>
            <th scope="col" class="num">
              {words.maximum}
            </th>
            <th scope="col">{words.verdict}</th>
          </tr>
        </thead>
        <tbody>
          {NAMES.map((name) => {
            const { value, target, maximum, verdict } = figureOf(quality, name);
            return (
              <tr key={name}>
                <th scope="row" class="wide">
                  {words.names[name]}
                </th>
                <td class="num" data-l={words.value}>
                  <b class="strong">{shown(name, value)}</b>
                </td>
                <td class="num soft" data-l={words.target}>
                  {shown(name, target)}
                </td>
                <td class="num soft" data-l={words.maximum}>
                  {shown(name, maximum)}
                </td>
                <td>
                  <Verdict verdict={verdict} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
};

const Worst = ({ quality }: { quality: Quality }) =>
  quality.bad_actors.length === 0 ? (
    <p class="panel__body soft small">{words.none}</p>
  ) : (
    <div class="table-wrap">
      <table class="table al__worst">
        <thead>
          <tr>
            <th scope="col">{words.rule}</th>
            <th scope="col" class="num">
              {words.count}
            </th>
            <th scope="col" class="num">
              {words.share}
            </th>
          </tr>
        </thead>
        <tbody>
          {quality.bad_actors.map(({ rule_id, rule_name, device_id, device_key, count, percent }) => (
            <tr key={`${rule_id} ${device_id}`}>
              <td>
                <a href={`/alarms?tab=history&device=${device_id}&q=${encodeURIComponent(rule_name)}`}>{device_key}</a>{' '}
                <a class="soft" href={`/rules/${rule_id}`}>
                  {rule_name}
                </a>
              </td>
              <td class="num">{count.toLocaleString('en')}</td>
              <td class="num soft">{formatNumber(percent, 1)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );

const Some = ({ alarms, none }: { alarms: readonly Alarm[]; none: string }) =>
  alarms.length === 0 ? (
    <p class="panel__body soft small">{none}</p>
  ) : (
    <ul class="list">
      {alarms.slice(0, MAX_LISTED).map((alarm) => (
        <li key={alarm.id} class="al__some">
          <AlarmSeverity alarm={alarm} />
          <AlarmWords alarm={alarm} />
          <small class="muted nowrap">{words.since(momentWords(Date.parse(alarm.raised_at)))}</small>
        </li>
      ))}
      {alarms.length > MAX_LISTED && <li class="small muted">{words.more(alarms.length - MAX_LISTED)}</li>}
    </ul>
  );

/** Those of now that stand for long, or come and go. */
const Now = () => {
  const { alarms = [] } = useOpenAlarms();
  const chattering = useMemo(() => alarms.filter(({ is_chattering }) => is_chattering), [alarms]);
  const before = Math.floor((now.value - DAY_MS) / 60_000) * 60_000;
  const standing = useMemo(
    () =>
      alarms
        .filter(({ cleared_at, raised_at }) => cleared_at === null && Date.parse(raised_at) < before)
        .toSorted((one, other) => Date.parse(one.raised_at) - Date.parse(other.raised_at)),
    [alarms, before],
  );
  return (
    <>
      <Panel title={words.standing} flush>
        <Some alarms={standing} none={words.standingNone} />
      </Panel>
      <Panel
        title={words.chattering}
        flush
        {...(chattering.length > 0 && { foot: <span class="small">{words.chatteringHint}</span> })}
      >
        <Some alarms={chattering} none={words.chatteringNone} />
      </Panel>
    </>
  );
};

/** Whether people can deal with the alarms that they are shown, by the limits of the standards. */
export const QualityTab = () => {
  const { values, set } = useQuery();
  const span: Span = SPANS.find((days) => days === values.days) ?? '30';
  const { data, error, reload } = useResource(
    `alarm quality ${span}`,
    (signal) => {
      const from = new Date(now.peek() - Number(span) * DAY_MS).toISOString();
      return call('GET /alarm-quality', { query: { from }, signal });
    },
    { keepsData: true },
  );
  if (data === undefined) {
    return (
      <section class="panel panel__body">
        {error === undefined ? <Skeleton lines={10} height="1.5rem" /> : <Failed error={error} retry={reload} />}
      </section>
    );
  }
  const { acknowledged, median_seconds_to_acknowledge: median } = data;
  return (
    <div class="grid grid--side">
      <div class="stack">
        <Panel
          title={
            <>
              {words.figures} <span class="panel__note al__note">{words.figuresNote}</span>
            </>
          }
          flush
          side={
            <Segmented
              small
              label={words.span}
              current={span}
              choices={SPANS.map((days) => [days, words.spans[days]])}
              onChoose={(days) => set({ days: days === '30' ? undefined : days }, { replace: true })}
            />
          }
          foot={
            <span>
              {words.alarms(data.alarms)}.{' '}
              {median === null
                ? words.noneAcknowledged
                : words.acknowledged(acknowledged, formatDuration(median * 1_000))}
            </span>
          }
        >
          <Figures quality={data} />
        </Panel>
        <Panel title={words.worst} flush side={<span class="panel__note">{words.worstNote}</span>}>
          <Worst quality={data} />
        </Panel>
      </div>
      <div class="stack">
        <Panel title={words.rate} side={<span class="panel__note">{words.rateNote}</span>}>
          <RateChart periods={data.last_day} />
        </Panel>
        <Now />
      </div>
    </div>
  );
};
