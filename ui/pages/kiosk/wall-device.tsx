import { useMemo } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { OverviewDevice, Parameter } from '../../api/schema.ts';
import type { TimeRange } from '../../charts/range.ts';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import { groupSeries, seriesOf } from '../../charts/trend-series.ts';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { RangeBar } from '../../components/range-bar.tsx';
import { Value } from '../../components/value.tsx';
import { liveDevice } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { text } from '../../text/kiosk.ts';

/** What fits one wall page. */
const MAX_VALUES = 8;
const MAX_CHARTS = 6;
/** Limits and names may change, and what has failed is tried again: nobody is there to press a button. */
const EVERY_MS = 10_000;

type Stored = ReadonlyMap<string, number | boolean | string>;

async function fetchDevice(id: string, signal: AbortSignal) {
  const [parameters, live] = await Promise.all([
    call('GET /devices/{id}/parameters', { path: { id }, signal }),
    call('GET /devices/{id}/kpis/live', { path: { id }, signal }),
  ]);
  const kpis = parameters.items.filter(({ is_kpi }) => is_kpi);
  const values: Stored = new Map(live.values.map(({ parameter, value }) => [parameter, value]));
  return { kpis, values };
}

const BigValue = ({ deviceId, kpi, stored }: { deviceId: string; kpi: Parameter; stored: Stored }) => {
  const value = liveDevice(deviceId).values.get(kpi.name)?.value ?? stored.get(kpi.name);
  const isLow = typeof value === 'number' && kpi.low_limit !== null && value < kpi.low_limit;
  const isHigh = typeof value === 'number' && kpi.high_limit !== null && value > kpi.high_limit;
  return (
    <li class={isLow || isHigh ? 'panel k__tile sev sev--high' : 'panel k__tile'}>
      <small class="soft clip">{kpi.display_name || kpi.name}</small>
      <div class="k__v clip">
        <Value value={value} unit={kpi.unit} decimals={kpi.decimals} />
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
    const all = (data?.kpis ?? []).map((kpi) => seriesOf(device, kpi));
    return groupSeries(all)
      .slice(0, MAX_CHARTS)
      .flatMap((group) => group.series);
  }, [kpis]);
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={6} height="2rem" /> : <Failed error={error} retry={reload} />;
  }
  if (data.kpis.length === 0) return <p class="soft">{text.noParameters}</p>;
  return (
    <>
      <ul class="k__t">
        {data.kpis.slice(0, MAX_VALUES).map((kpi) => (
          <BigValue key={kpi.name} deviceId={id} kpi={kpi} stored={data.values} />
        ))}
      </ul>
      <TrendCharts series={series} range={range} onRange={() => {}} isStill />
    </>
  );
};
