import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { call } from '../../api/client.ts';
import type { AlarmWithEvents, DeviceDetail, Parameter } from '../../api/schema.ts';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import { seriesOf } from '../../charts/trend-series.ts';
import { useAlarmBands } from '../../charts/use-alarm-bands.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Banner, Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { formatDuration, formatTime } from '../../format/time.ts';
import { alarmsVersion } from '../../state/alarms.ts';
import { applianceNow, now } from '../../state/clock.ts';
import { withQuery } from '../../state/query.ts';
import { type Resource, useResource } from '../../state/resource.ts';
import { timezone, units } from '../../state/session.ts';
import { onStream } from '../../state/stream.ts';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';
import { useAlarmLimits } from '../rules/use-rule-limits.ts';
import { withSelection } from '../trends/selection.ts';
import { AlarmActs } from './alarm-acts.tsx';
import { countdown } from './countdown.ts';
import { momentRange, momentWindow } from './moment.ts';
import { shownWith, Timeline } from './timeline.tsx';

const words = text.detail;
const CRUMBS = [[text.title, '/alarms']] as const;
/** News come in a row; the page asks once for them (ms). */
const SETTLE_MS = 200;

const timesOf = ({ raised_at, cleared_at }: AlarmWithEvents) =>
  [Date.parse(raised_at), cleared_at === null ? null : Date.parse(cleared_at)] as const;

function trendAddress(alarm: AlarmWithEvents): string {
  const { from, to } = momentWindow(...timesOf(alarm), applianceNow());
  const chosen = alarm.parameter === null ? [] : [{ deviceKey: alarm.device_key, parameter: alarm.parameter }];
  const search = new URLSearchParams(withSelection('', chosen));
  search.set('from', new Date(Math.floor(from)).toISOString());
  search.set('to', new Date(Math.ceil(to)).toISOString());
  return `/trends?${search}`;
}

interface KnownDevice {
  readonly device: DeviceDetail;
  readonly parameters: readonly Parameter[];
}

/** The parameter of the alarm over the time that tells of it, with the limits at which it was raised. */
const Moment = ({ alarm, known }: { alarm: AlarmWithEvents; known: KnownDevice | undefined }) => {
  const [raisedAt, clearedAt] = timesOf(alarm);
  const first = useMemo(() => momentRange(raisedAt, clearedAt, applianceNow()), [raisedAt, clearedAt]);
  const [zoomed, setZoomed] = useState<{ of: typeof first; range: typeof first }>();
  const range = zoomed?.of === first ? zoomed.range : first;
  const bands = useAlarmBands([alarm.device_id], range);
  const limits = useAlarmLimits(alarm);
  const parameter = known?.parameters.find(({ name }) => name === alarm.parameter);
  const series = useMemo(
    () => (known === undefined || parameter === undefined ? [] : [seriesOf(known.device, parameter, units.value)]),
    [known, parameter, units.value],
  );
  if (alarm.parameter === null || (known !== undefined && parameter === undefined)) {
    return (
      <Panel title={words.chart}>
        <p class="soft small">{words.noChart}</p>
      </Panel>
    );
  }
  return (
    <div class="al__moment">
      {series.length === 0 ? (
        <Skeleton lines={6} height="1.5rem" />
      ) : (
        <TrendCharts
          series={series}
          range={range}
          onRange={(chosen) => setZoomed({ of: first, range: chosen })}
          bands={bands}
          {...(limits && { limits })}
        />
      )}
    </div>
  );
};

const Facts = ({ alarm, known }: { alarm: AlarmWithEvents; known: KnownDevice | undefined }) => {
  const zone = timezone.value;
  const [raisedAt, clearedAt] = timesOf(alarm);
  const moment = (at: string | null) => at !== null && formatTime(Date.parse(at), 'date_time', zone);
  const parameter = known?.parameters.find(({ name }) => name === alarm.parameter);
  const facts: readonly (readonly [name: string, value: preact.ComponentChildren])[] = [
    [
      words.device,
      <a key="device" href={`/devices/${alarm.device_id}`}>
        {known?.device.name ?? alarm.device_key}
      </a>,
    ],
    [
      words.rule,
      <>
        <a href={`/rules/${alarm.rule_id}`}>{alarm.rule_name}</a>{' '}
        <span class="muted">{words.version(alarm.rule_version)}</span>
      </>,
    ],
    [
      words.why,
      clearedAt === null && alarm.status !== 'closed' && (
        <a key="why" href={withQuery(`/rules/${alarm.rule_id}`, { tab: 'explain', device: alarm.device_id })}>
          {words.explained}
        </a>
      ),
    ],
    [words.parameter, alarm.parameter !== null && (parameter?.display_name ?? alarm.parameter)],
    [words.value, alarm.value !== null && shownWith(known?.parameters)(alarm.parameter, alarm.value)],
    [words.raised, moment(alarm.raised_at)],
    [words.cleared, clearedAt === null ? alarm.status !== 'closed' && words.stillStands : moment(alarm.cleared_at)],
    [words.lasted, formatDuration((clearedAt ?? now.value) - raisedAt)],
    [
      words.acknowledged,
      alarm.acknowledged_at !== null && (
        <>
          {moment(alarm.acknowledged_at)} {alarm.acknowledged_by !== null && text.by(alarm.acknowledged_by)}
        </>
      ),
    ],
    [words.closed, moment(alarm.closed_at)],
    [words.assignee, alarm.assignee?.name ?? words.nobody],
    [words.corrected, alarm.corrected !== null && words.corrections[alarm.corrected]],
  ];
  return (
    <Panel title={words.what}>
      <dl class="kv">
        {facts.map(
          ([name, value]) =>
            value !== false && (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ),
        )}
      </dl>
    </Panel>
  );
};

const Standing = ({ alarm }: { alarm: AlarmWithEvents }) => (
  <>
    {alarm.shelved_until !== null && (
      <Banner>
        {words.shelvedUntil} {formatTime(Date.parse(alarm.shelved_until), 'date_minute', timezone.value)},{' '}
        {text.left(countdown(Date.parse(alarm.shelved_until) - now.value))}
      </Banner>
    )}
    {alarm.suppression !== null && (
      <Banner>
        {words.suppressed}: {text.suppressions[alarm.suppression].toLowerCase()}
      </Banner>
    )}
  </>
);

const Known = ({ alarm, resource }: { alarm: AlarmWithEvents; resource: Resource<AlarmWithEvents> }) => {
  const known = useResource(`device of alarm ${alarm.device_id}`, async (signal): Promise<KnownDevice> => {
    const path = { id: alarm.device_id };
    const [device, { items }] = await Promise.all([
      call('GET /devices/{id}', { path, signal }),
      call('GET /devices/{id}/parameters', { path, signal }),
    ]);
    return { device, parameters: items };
  });
  const isOpen = alarm.status === 'active' || alarm.status === 'cleared';
  return (
    <Page
      title={words.title(alarm.number)}
      crumbs={CRUMBS}
      sub={text.states[alarm.status]}
      actions={<AlarmActs alarm={alarm} onChanged={resource.set} reload={resource.reload} />}
    >
      <div class="al__lead">
        <SeverityChip severity={alarm.severity} look={isOpen ? 'solid' : 'tint'} isOutline={!isOpen}>
          {common.severity[alarm.severity]}
        </SeverityChip>
        <p>
          <a href={`/devices/${alarm.device_id}`}>
            <b class="strong">{known.data?.device.name ?? alarm.device_key}</b>
          </a>{' '}
          {alarm.message}
        </p>
        {alarm.is_chattering && <span class="pill">{text.chattering}</span>}
      </div>
      <Standing alarm={alarm} />
      <div class="grid grid--side al__detail">
        <div class="stack">
          {alarm.guidance !== null && (
            <Panel title={words.guidance}>
              <p class="al__guidance">{alarm.guidance}</p>
            </Panel>
          )}
          <div class="al__chart">
            <Moment alarm={alarm} known={known.data} />
            {alarm.parameter !== null && (
              <p>
                <ButtonLink small icon="trends" href={trendAddress(alarm)}>
                  {words.toTrend}
                </ButtonLink>
              </p>
            )}
          </div>
          <Timeline alarm={alarm} parameters={known.data?.parameters} onChanged={resource.set} />
        </div>
        <Facts alarm={alarm} known={known.data} />
      </div>
    </Page>
  );
};

const NotFound = () => (
  <Page title={words.notFoundTitle} crumbs={CRUMBS}>
    <section class="panel">
      <Empty
        icon="search"
        title={words.notFoundTitle}
        action={<ButtonLink href="/alarms">{words.toAlarms}</ButtonLink>}
      >
        {words.notFoundBody}
      </Empty>
    </section>
  </Page>
);

/** One alarm: what it is, what it looked like, what was done about it, and what is to be done. */
export const AlarmPage = () => {
  const { id = '' } = useRoute().params;
  const resource = useResource(
    `alarm ${id} ${alarmsVersion()}`,
    (signal) => call('GET /alerts/{id}', { path: { id }, signal }),
    { keepsData: true },
  );
  const { data, error, reload, refresh } = resource;
  useLayoutEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const stop = onStream('alarm', (alarm) => {
      if (alarm.id !== id) return;
      soon ??= setTimeout(() => {
        soon = undefined;
        refresh();
      }, SETTLE_MS);
    });
    return () => {
      stop();
      clearTimeout(soon);
    };
  }, [id, refresh]);
  if (error?.status === 404) return <NotFound />;
  if (data === undefined || data.id !== id) {
    return (
      <Page title={text.alarm} crumbs={CRUMBS}>
        <section class="panel panel__body">
          {error === undefined ? <Skeleton lines={6} height="1.5rem" /> : <Failed error={error} retry={reload} />}
        </section>
      </Page>
    );
  }
  return <Known key={id} alarm={data} resource={resource} />;
};
