import { useSignal } from '@preact/signals';
import { useEffect, useId, useMemo } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { Banner } from '../components/feedback.tsx';
import { applianceNow } from '../state/clock.ts';
import { timezone } from '../state/session.ts';
import { onStream, returns } from '../state/stream.ts';
import { text } from '../text/charts.ts';
import { text as common } from '../text/common.ts';
import type { AlarmBand } from './alarm-bands.ts';
import { Brush } from './brush.tsx';
import { Chart } from './chart.tsx';
import { forgetHistory } from './history.ts';
import type { TimeRange } from './range.ts';
import type { RuleLimit } from './rule-limits.ts';
import { createTrendModel, type Failure, type TrendModel } from './trend-model.ts';
import { groupSeries, keyOf, shortNameOf, type TrendSeries } from './trend-series.ts';
import { createView, type View } from './view.ts';

/** Live charts are drawn anew this often: smooth to the eye, little to do. */
const TICK_MS = 500;
/** After each minute, once its samples have arrived, the newest part is fetched anew. */
const MINUTE_MS = 60_000;
const SETTLE_MS = 2_000;
/** What a device kept while it was away is there by then. */
const BACK_MS = 2_000;
const NO_BANDS: readonly AlarmBand[] = [];
const NO_LIMITS: readonly RuleLimit[] = [];

export interface TrendChartsProps {
  /** What is drawn, in this order; its place gives a series its colour. */
  readonly series: readonly TrendSeries[];
  readonly range: TimeRange;
  /** A person has zoomed, moved or gone back to live: put it where `range` comes from, such as the address. */
  readonly onRange: (range: TimeRange) => void;
  /** A strip below shows the time around, with a window to drag. */
  readonly hasBrush?: boolean;
  /** For a wall: nothing to touch, no buttons. */
  readonly isStill?: boolean;
  /** When alarms of the devices stood. */
  readonly bands?: readonly AlarmBand[];
  /** Values at which rules fire. */
  readonly limits?: readonly RuleLimit[];
  /** Called with what the charts draw, for tables and downloads beside them. */
  readonly onModel?: (model: TrendModel) => void;
}

/** Keeps the model fed: fetches when the time or the series change, follows the stream while live. */
function useTrendModel({ series, range, onRange }: TrendChartsProps): TrendModel {
  const latest = useSignal(onRange);
  latest.value = onRange;
  const model = useMemo(() => {
    const view = createView({
      range,
      now: applianceNow,
      timezone: () => timezone.peek(),
      onRange: (chosen) => latest.peek()(chosen),
    });
    return createTrendModel({ view, now: applianceNow });
  }, []);
  model.setSeries(series);
  const keys = series.map((one) => `${keyOf(one)} ${one.kind}`).join('\n');

  useEffect(() => model.view.take(range), [range]);
  useEffect(() => model.load(true), [keys]);
  useEffect(() => {
    const skippingFirst = <T,>(run: (value: T) => void) => {
      let isFirst = true;
      return (value: T) => {
        if (!isFirst) run(value);
        isFirst = false;
      };
    };
    let back: ReturnType<typeof setTimeout> | undefined;
    const stops = [
      model.view.range.subscribe(skippingFirst(() => model.load())),
      returns.subscribe(
        skippingFirst(() => {
          forgetHistory();
          model.load(true);
        }),
      ),
      onStream('device', ({ id, status }) => {
        // A device that is back may bring what it kept while it was away; once for many of them.
        if (status !== 'online' || !model.shows(id)) return;
        clearTimeout(back);
        back = setTimeout(() => {
          forgetHistory();
          model.load(true);
        }, BACK_MS);
      }),
      () => clearTimeout(back),
      onStream('values', ({ device_id, values }) => {
        for (const { parameter, timestamp, value } of values) {
          model.takeLive(device_id, parameter, Date.parse(timestamp), value);
        }
      }),
      () => model.stop(),
    ];
    const ticking = setInterval(() => {
      if (!document.hidden) model.tick();
    }, TICK_MS);
    let minute: ReturnType<typeof setTimeout>;
    const waitForMinute = () => {
      const wait = MINUTE_MS - (applianceNow() % MINUTE_MS) + SETTLE_MS;
      minute = setTimeout(() => {
        if (!document.hidden) void model.refreshEnd();
        waitForMinute();
      }, wait);
    };
    waitForMinute();
    return () => {
      clearInterval(ticking);
      clearTimeout(minute);
      for (const stop of stops) stop();
    };
  }, [model]);
  return model;
}

const failureText = (failures: readonly Failure[]): string => {
  const names = failures.slice(0, 2).map(({ deviceName }) => deviceName);
  const devices = failures.length > 2 ? text.failedMore(names.join(', '), failures.length - 2) : names.join(', ');
  return text.failed(devices, failures[0]?.message ?? '');
};

/** What is under way, and what has failed. */
const Fetching = ({ model }: { model: TrendModel }) => {
  const { failures, isLoading } = model;
  return (
    <>
      <div class="charts__progress" role="status" {...(isLoading.value && { 'data-on': '' })}>
        {isLoading.value && <span class="sr">{text.loading}</span>}
      </div>
      {failures.value.length > 0 && (
        <Banner
          action={
            <Button small icon="restore" onClick={() => model.load(true)}>
              {common.tryAgain}
            </Button>
          }
        >
          {failureText(failures.value)}
        </Banner>
      )}
    </>
  );
};

/** The ways back from a zoom, in reach wherever one has scrolled to. */
const WaysBack = ({ view }: { view: View }) =>
  view.canGoBack.value ? (
    <div class="charts__back">
      <span class="row">
        <Button small icon="restore" title={text.backHint} onClick={() => view.back()}>
          {text.back}
        </Button>
        {!view.isLive.value && (
          <Button small icon="play" title={text.pausedHint} onClick={() => view.goLive()}>
            {text.live}
          </Button>
        )}
      </span>
    </div>
  ) : null;

/**
 * The charts of some parameters over time: one for each unit, states below, with one time axis, one cursor and one
 * read-out. Drag, wheel, fingers and keys zoom and move; finer data is fetched as one does. While `range` ends now the
 * charts follow the stream.
 */
export const TrendCharts = (props: TrendChartsProps) => {
  const { series, hasBrush = false, isStill = false, onModel, bands = NO_BANDS, limits = NO_LIMITS } = props;
  const model = useTrendModel(props);
  const cursorGroup = useId();
  const groups = useMemo(() => groupSeries(series), [series]);
  const name = useMemo(() => (one: TrendSeries) => shortNameOf(one, series), [series]);
  useEffect(() => onModel?.(model), [model]);
  useEffect(() => {
    model.bands.value = bands;
  }, [model, bands]);
  return (
    <div class={isStill ? 'charts charts--still stack' : 'charts stack'}>
      <Fetching model={model} />
      {groups.map((group, place) => (
        <Chart
          key={group.id}
          model={model}
          group={group}
          nameOf={name}
          cursorGroup={cursorGroup}
          isStill={isStill}
          limits={limits}
          side={place === 0 && !isStill && <WaysBack view={model.view} />}
        />
      ))}
      {hasBrush && series.length > 0 && <Brush model={model} series={series.find(({ kind }) => kind === 'number')} />}
    </div>
  );
};
