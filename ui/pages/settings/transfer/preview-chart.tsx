import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ImportPreview } from '../../../api/schema.ts';
import { readPalette } from '../../../charts/palette.ts';
import { formatNumber } from '../../../format/number.ts';
import { formatTime } from '../../../format/time.ts';
import { timezone } from '../../../state/session.ts';
import { isDark } from '../../../state/theme.ts';
import { text } from '../../../text/import-chart.ts';
import { drawInOrder } from './preview-plot.ts';
import { backsOf } from './stamps.ts';

type Series = ImportPreview['chart'][number];

const nameOf = ({ device, parameter }: Series) => `${device} · ${parameter}`;

/** Draws again when the width or the theme change. */
function useDrawing(samples: { readonly times: readonly number[]; readonly values: readonly number[] }) {
  const values = useRef<HTMLDivElement>(null);
  const times = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<number>();
  const zone = timezone.value;
  const dark = isDark.value;
  useEffect(() => {
    const hosts = [values.current, times.current] as const;
    const [above, below] = hosts;
    if (above === null || below === null) return undefined;
    let stop = () => {};
    const draw = () => {
      stop();
      stop = drawInOrder([above, below], samples, { palette: readPalette(), timezone: zone, onCursor: setPlace });
    };
    const resized = new ResizeObserver(draw);
    resized.observe(above);
    return () => {
      resized.disconnect();
      stop();
    };
  }, [samples, zone, dark]);
  return { values, times, place };
}

/**
 * How a file begins, drawn as it stands in the file: sorted by time, a stamp that is wrong would only move its value to
 * another place, where nobody sees it.
 */
export const PreviewChart = ({ chart }: { chart: ImportPreview['chart'] }) => {
  const [name, setName] = useState('');
  const shown = chart.find((series) => nameOf(series) === name) ?? chart[0];
  const samples = useMemo(
    () => ({
      times: shown?.points.map(([time]) => Date.parse(time)) ?? [],
      values: shown?.points.map(([, value]) => value) ?? [],
    }),
    [shown],
  );
  const { values, times, place } = useDrawing(samples);
  if (shown === undefined) return null;
  const count = samples.times.length;
  const backs = backsOf(samples.times).length;
  const [time, value] = [samples.times[place ?? -1], samples.values[place ?? -1]];
  return (
    <div class="tf__chart">
      <div class="row row--wrap row--between">
        <select
          class="select tf__series"
          aria-label={text.chartSeries}
          value={nameOf(shown)}
          onChange={(event) => setName(event.currentTarget.value)}
        >
          {chart.map((series) => (
            <option key={nameOf(series)}>{nameOf(series)}</option>
          ))}
        </select>
        <span class="small soft tf__readout">
          {time === undefined || value === undefined || place === undefined
            ? text.firstSamples(count)
            : text.sampleAt(place + 1, formatTime(time, 'date_time', timezone.value), formatNumber(value))}
        </span>
      </div>
      <div role="img" aria-label={text.chartLabel(nameOf(shown), count, backs)}>
        <span class="small muted">{text.chartValue}</span>
        <div class="tf__plot" ref={values} />
        <span class="small muted">{text.chartTime}</span>
        <div class="tf__plot tf__plot--time" ref={times} />
        <span class="small muted tf__axis">{text.chartAxis}</span>
      </div>
      <p class={backs > 0 ? 'small tf__backs sev sev--high' : 'small tf__backs'} role="status">
        {backs > 0 && (
          <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1 2h14L8 14.5z" />
          </svg>
        )}
        {backs > 0 ? text.chartBack(backs) : text.chartForward}
      </p>
    </div>
  );
};
