import { useMemo } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { OverviewDevice, Parameter } from '../../api/schema.ts';
import type { TimeRange } from '../../charts/range.ts';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import { groupSeries, seriesOf } from '../../charts/trend-series.ts';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { ParameterValue } from '../../components/parameter-value.tsx';
import { RangeBar } from '../../components/range-bar.tsx';
import { Age } from '../../components/status.tsx';
import { liveDevice } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { units } from '../../state/session.ts';
import { text } from '../../text/kiosk.ts';

/** What fits one wall page. */
const MAX_VALUES = 8;
const MAX_CHARTS = 6;
/** Limits and names may change, and what has failed is tried again: nobody is there to press a button. */
const EVERY_MS = 10_000;

/** What the API said last, by parameter: `at` in epoch ms. */
type Stored = ReadonlyMap<string, { readonly value: number | boolean | string; readonly at: number }>;

async function fetchDevice(id: string, signal: AbortSignal) {
  const [parameters, live] = await Promise.all([
    call('GET /devices/{id}/parameters', { path: { id }, signal }),
    call('GET /devices/{id}/kpis/live', { path: { id }, signal }),
  ]);
  const kpis = parameters.items.filter(({ is_kpi }) => is_kpi);
  const values: Stored = new Map(
    live.values.map(({ parameter, value, timestamp }) => [parameter, { value, at: Date.parse(timestamp) }]),
  );
  return { kpis, values };
}

interface BigValueProps {
  readonly device: OverviewDevice;
  readonly kpi: Parameter;
  readonly stored: Stored;
}

/** A value that can be read from far away; one of a device that has fallen silent shows that it is old, and how old. */
const BigValue = ({ device, kpi, stored }: BigValueProps) => {
  const newest = liveDevice(device.id).values.get(kpi.name) ?? stored.get(kpi.name);
  const isSilent = device.status !== 'online';
  const value = newest?.value;
  const isLow = typeof value === 'number' && kpi.low_limit !== null && value < kpi.low_limit;
  const isHigh = typeof value === 'number' && kpi.high_limit !== null && value > kpi.high_limit;
  return (
    <li class={isLow || isHigh ? 'panel k__tile sev sev--high' : 'panel k__tile'}>
      <small class="soft row">
        <span class="clip">{kpi.display_name || kpi.name}</span>
        {isSilent && newest !== undefined && (
          <span class="nowrap">
            <Age at={newest.at} />
          </span>
        )}
      </small>
      <div class={isSilent ? 'k__v clip muted' : 'k__v clip'}>
        <ParameterValue value={value} of={kpi} />
      </div>
      {typeof value === 'number' && <RangeBar value={value} low={kpi.low_limit} high={kpi.high_limit} />}
    </li>
  );
};

/** One device: its key parameters large, and their course. */
export const WallDevice = ({ device, range }: { device: OverviewDevice; range: TimeRange }) => {
  const { id } = device;
  const { data, error, reload } = useResource(`wall ${id}`, (signal) => fetchDevice(id, signal), {
    everyMs: EVERY_MS,
  });
  const kpis = JSON.stringify(data?.kpis);
  // The same parameters are the same list, so that the charts are not made anew with every answer.
  const series = useMemo(() => {
    const all = (data?.kpis ?? []).map((kpi) => seriesOf(device, kpi, units.value));
    return groupSeries(all)
      .slice(0, MAX_CHARTS)
      .flatMap((group) => group.series);
  }, [kpis, units.value]);
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={6} height="2rem" /> : <Failed error={error} retry={reload} />;
  }
  if (data.kpis.length === 0) return <p class="soft">{text.noParameters}</p>;
  return (
    <>
      <ul class="k__t">
        {data.kpis.slice(0, MAX_VALUES).map((kpi) => (
          <BigValue key={kpi.name} device={device} kpi={kpi} stored={data.values} />
        ))}
      </ul>
      <TrendCharts series={series} range={range} onRange={() => {}} isStill />
    </>
  );
};
