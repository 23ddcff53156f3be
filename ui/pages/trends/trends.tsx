import { useMemo } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { TimeRangePicker } from '../../charts/time-range-picker.tsx';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import { seriesOf } from '../../charts/trend-series.ts';
import { useTimeRange } from '../../charts/use-time-range.ts';
import { Page } from '../../components/page.tsx';
import { useResource } from '../../state/resource.ts';

export const Trends = () => {
  const [range, setRange] = useTimeRange();
  const { data } = useResource('x', async () => {
    const { items } = await call('GET /devices', { query: { limit: 2 } });
    return Promise.all(
      items.map(async (device) => ({
        device,
        parameters: (await call('GET /devices/{id}/parameters', { path: { id: device.id } })).items,
      })),
    );
  });
  const series = useMemo(
    () => (data ?? []).flatMap(({ device, parameters }) => parameters.map((one) => seriesOf(device, one))),
    [data],
  );
  return (
    <Page title="Trends" actions={<TimeRangePicker range={range} onRange={setRange} />}>
      <TrendCharts series={series} range={range} onRange={setRange} hasBrush />
    </Page>
  );
};
