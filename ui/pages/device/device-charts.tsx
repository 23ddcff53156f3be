import { useMemo, useState } from 'preact/hooks';
import type { Device, Parameter } from '../../api/schema.ts';
import { TimeRangePicker } from '../../charts/time-range-picker.tsx';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import { seriesOf } from '../../charts/trend-series.ts';
import { useAlarmBands } from '../../charts/use-alarm-bands.ts';
import { useTimeRange } from '../../charts/use-time-range.ts';
import { Button } from '../../components/button.tsx';
import { formatCount } from '../../format/number.ts';
import { units } from '../../state/session.ts';
import { text } from '../../text/device.ts';
import { useRuleLimits } from '../rules/use-rule-limits.ts';

/** Curves drawn at first, and more of them for each time one asks. */
const STEP = 24;

/** How the device was lately: its KPIs, one chart for each unit, states below, all over the same time. */
export const DeviceCharts = ({ device, kpis }: { device: Device; kpis: readonly Parameter[] }) => {
  const [range, setRange] = useTimeRange();
  const [limit, setLimit] = useState(STEP);
  const { id, key, name } = device;
  const series = useMemo(
    () => kpis.slice(0, limit).map((parameter) => seriesOf({ id, key, name }, parameter, units.value)),
    [id, key, name, kpis, limit, units.value],
  );
  const bands = useAlarmBands([id], range);
  const limits = useRuleLimits();
  return (
    <div class="stack">
      <div class="row row--wrap row--between">
        <h2>{text.course}</h2>
        <TimeRangePicker range={range} onRange={setRange} />
      </div>
      <TrendCharts
        series={series}
        range={range}
        onRange={setRange}
        bands={bands}
        {...(limits && { limits })}
        hasBrush
      />
      {kpis.length > series.length && (
        <div class="row row--wrap">
          <Button onClick={() => setLimit(limit + STEP)}>{text.showMore(Math.min(STEP, kpis.length - limit))}</Button>
          <span class="small muted">{text.drawn(formatCount(series.length), formatCount(kpis.length))}</span>
        </div>
      )}
    </div>
  );
};
