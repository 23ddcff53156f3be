import { effect, untracked } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Panel } from '../components/panel.tsx';
import { formatValue } from '../components/value.tsx';
import { timezone } from '../state/session.ts';
import { isDark } from '../state/theme.ts';
import { text } from '../text/charts.ts';
import { bandsOf } from './alarm-bands.ts';
import { endOfLast, gapsOf, hatched } from './gaps.ts';
import { bindGestures, onChartKey } from './gestures.ts';
import type { Lane, Limit } from './layers.ts';
import { Legend } from './legend.tsx';
import { readPalette } from './palette.ts';
import { createPlot, type Plot, type PlotContent } from './plot.ts';
import { runsOf } from './reading.ts';
import { type RuleLimit, ruleLines } from './rule-limits.ts';
import type { TrendModel } from './trend-model.ts';
import { type ChartGroup, type PlacedSeries, titleOf } from './trend-series.ts';

type NameOf = (series: PlacedSeries) => string;

/** Limits of what is shown, each value once; named where they are not those of all. */
function limitsOf(series: readonly PlacedSeries[], nameOf: NameOf): Limit[] {
  const limits = new Map<string, Limit & { readonly of: PlacedSeries[] }>();
  for (const one of series) {
    for (const [side, value] of [
      ['high', one.highLimit],
      ['low', one.lowLimit],
    ] as const) {
      if (value === null) continue;
      const key = `${side} ${value}`;
      const words = side === 'high' ? text.highLimit : text.lowLimit;
      const limit = limits.get(key) ?? { value, side, label: words(formatValue(value, one.decimals)), of: [] };
      limit.of.push(one);
      limits.set(key, limit);
    }
  }
  return [...limits.values()].map(({ of, label, ...limit }) => {
    const [first] = of;
    const isOfOne = of.length === 1 && series.length > 1 && first !== undefined;
    return { ...limit, label: isOfOne ? `${nameOf(first)}: ${label}` : label };
  });
}

/** Shades of the states of a chart: neighbours in the alphabet are told apart, and "off" is a line alone. */
function lanesOf(
  model: TrendModel,
  series: readonly PlacedSeries[],
  loaded: PlotContent['window'],
  nameOf: NameOf,
): Lane[] {
  return series.map((one) => {
    const track = model.trackOf(one);
    const runs = track === undefined ? [] : runsOf(track, gapsOf(track), endOfLast(track, loaded));
    const states = [...new Set(runs.map(({ state }) => String(state)))].sort();
    const shadeOf = (state: string | boolean) =>
      typeof state === 'boolean'
        ? Number(state) * 0.42
        : 0.14 + (states.indexOf(state) / Math.max(1, states.length - 1)) * 0.5;
    return { name: nameOf(one), runs, wordOf: (state) => formatValue(state), shadeOf };
  });
}

interface DrawingProps {
  readonly model: TrendModel;
  readonly group: ChartGroup;
  readonly nameOf: NameOf;
  readonly cursorGroup: string;
  /** A wall screen has nobody to touch it. */
  readonly isStill: boolean;
  /** Values at which rules fire. */
  readonly limits: readonly RuleLimit[];
}

function contentOf({ model, group, nameOf, limits: ofRules }: DrawingProps): PlotContent {
  const window = model.view.window.value;
  const loaded = model.loaded.value ?? window;
  const hidden = model.hidden.value;
  const shown = group.series.filter(({ key }) => !hidden.has(key));
  const known = shown.flatMap((one) => {
    const track = model.trackOf(one);
    return track === undefined ? [] : [{ track, place: one.place }];
  });
  const bands = bandsOf(model.bands.value, shown);
  const isLoaded = model.loaded.value !== undefined;
  const gaps = isLoaded
    ? hatched(
        known.map(({ track }) => track),
        loaded,
      )
    : [];
  if (group.kind === 'states') {
    return { window, gaps, lines: [], limits: [], bands, lanes: lanesOf(model, shown, loaded, nameOf) };
  }
  const limits = [...limitsOf(shown, nameOf), ...ruleLines(ofRules, shown)];
  return { window, gaps, lines: known, limits, bands, lanes: [] };
}

/** Draws a chart into an element while it is in sight, and whenever its data, its time or the theme change. */
function useDrawing(props: DrawingProps) {
  const { model, group, cursorGroup, isStill, limits } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const content = useRef(() => contentOf(props));
  content.current = () => contentOf(props);

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    let stopDrawing = () => {};
    const begin = () =>
      effect(() => {
        isDark.value;
        const zone = timezone.value;
        const made = untracked(() => {
          const { clientWidth: width, clientHeight: height } = element;
          return createPlot(
            element,
            {
              width,
              height,
              palette: readPalette(),
              timezone: zone,
              group: cursorGroup,
              onCursor: (at) => {
                model.cursorAt.value = at;
              },
              onSelect: (window) => model.view.show(window),
              onDoubleClick: () => model.view.back(),
            },
            content.current(),
          );
        });
        plot.current = made;
        let [version, hidden] = [-1, model.hidden.peek()];
        const stop = effect(() => {
          const isSameData = version === model.version.value && hidden === model.hidden.value;
          [version, hidden] = [model.version.value, model.hidden.value];
          made.draw(content.current(), isSameData);
        });
        return () => {
          stop();
          made.destroy();
          plot.current = undefined;
        };
      });
    const seen = new IntersectionObserver(
      (entries) => {
        stopDrawing();
        // Several when it came and went in between: the last one holds.
        stopDrawing = entries.at(-1)?.isIntersecting === true ? begin() : () => {};
      },
      { rootMargin: '200px' },
    );
    seen.observe(element);
    const resized = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth > 0) plot.current?.resize(clientWidth, clientHeight);
    });
    resized.observe(element);
    const unbind = isStill ? () => {} : bindGestures(element, () => plot.current, model.view);
    return () => {
      seen.disconnect();
      resized.disconnect();
      unbind();
      stopDrawing();
    };
  }, [model, cursorGroup, isStill]);

  // Other series of the same chart: the effect above does not see them change.
  useEffect(() => plot.current?.draw(content.current()), [group, limits]);
  return host;
}

/** A line under the title: what the points are. */
function detailOf(model: TrendModel, group: ChartGroup): string {
  model.version.value;
  const intervals = new Set(group.series.flatMap((one) => model.trackOf(one)?.interval ?? []));
  return [...intervals]
    .map((interval) => {
      if (interval === 'raw') return text.single;
      return group.kind === 'states' ? text.lastStates[interval] : text.averages[interval];
    })
    .join(', ');
}

const isEmpty = (model: TrendModel, { series }: ChartGroup): boolean => {
  model.version.value;
  return model.loaded.value !== undefined && series.every((one) => (model.trackOf(one)?.t.length ?? 0) === 0);
};

type ChartProps = DrawingProps & {
  /** At the right of the title. */
  readonly side?: ComponentChildren;
};

/** One chart: title, legend with read-out, drawing. */
export const Chart = ({ side, ...props }: ChartProps) => {
  const { model, group, nameOf, isStill } = props;
  const title = group.kind === 'states' ? text.states : titleOf(group);
  const host = useDrawing(props);
  return (
    <Panel
      class="chart"
      side={side}
      title={
        <span class="chart__title">
          <span class="clip">{title}</span>{' '}
          <span class="panel__note clip">{[group.unit, detailOf(model, group)].filter(Boolean).join(', ')}</span>
        </span>
      }
    >
      <Legend model={model} series={group.series} nameOf={nameOf} />
      <div
        class={group.kind === 'states' ? 'plot plot--lanes' : 'plot'}
        style={group.kind === 'states' ? { '--lanes': group.series.length } : {}}
        ref={host}
        {...(!isStill && {
          role: 'application',
          tabIndex: 0,
          'aria-label': text.chart(title),
          'aria-description': text.chartHint,
          onKeyDown: (event: KeyboardEvent) => onChartKey(event, model.view),
        })}
      >
        {isEmpty(model, group) && <p class="plot__none">{text.nothing}</p>}
      </div>
    </Panel>
  );
};
