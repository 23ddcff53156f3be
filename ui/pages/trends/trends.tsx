import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Device } from '../../api/schema.ts';
import { TimeRangePicker } from '../../charts/time-range-picker.tsx';
import { TrendCharts } from '../../charts/trend-charts.tsx';
import type { TrendModel } from '../../charts/trend-model.ts';
import { placed, type TrendSeries } from '../../charts/trend-series.ts';
import { useAlarmBands } from '../../charts/use-alarm-bands.ts';
import { useTimeRange } from '../../charts/use-time-range.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Banner, Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { may, units } from '../../state/session.ts';
import { text } from '../../text/trends.ts';
import { useRuleLimits } from '../rules/use-rule-limits.ts';
import { type Directory, useDirectory } from './directory.ts';
import { Downloads } from './downloads.tsx';
import { Picker } from './picker.tsx';
import { type Chosen, MAX_SERIES, readSelection, resolve, withSelection } from './selection.ts';
import { ValuesTable } from './values-table.tsx';
import { ViewsMenu } from './views-menu.tsx';

/** The chosen parameters, as the address has them. */
function useSelection(): [readonly Chosen[], (chosen: readonly Chosen[]) => void] {
  const { url, route } = useLocation();
  const search = url.slice(url.indexOf('?') >>> 0);
  const chosen = useMemo(() => readSelection(search), [search]);
  const choose = useCallback(
    (next: readonly Chosen[]) => route(`/trends${withSelection(location.search, next)}`, true),
    [route],
  );
  return [chosen, choose];
}

const NothingChosen = ({
  directory,
  devices,
  onChoose,
}: {
  directory: Directory;
  devices: readonly Device[];
  onChoose: (chosen: readonly Chosen[]) => void;
}) => {
  const [first] = devices;
  useEffect(() => {
    if (first !== undefined) directory.want([first]);
  }, [first, directory]);
  const known = first === undefined ? undefined : directory.parametersOf(first);
  const kpis = known?.filter(({ is_kpi }) => is_kpi);
  const offered = (kpis?.length ? kpis : known)?.slice(0, MAX_SERIES);
  return (
    <section class="panel">
      <Empty
        icon="trends"
        title={text.emptyTitle}
        action={
          first !== undefined && (
            <Button
              look="primary"
              disabled={offered === undefined || offered.length === 0}
              onClick={() => onChoose((offered ?? []).map(({ name }) => ({ deviceKey: first.key, parameter: name })))}
            >
              {text.startWith(first.name || first.key)}
            </Button>
          )
        }
      >
        {text.emptyBody}
      </Empty>
    </section>
  );
};

const NoDevices = () => (
  <section class="panel">
    <Empty
      icon="devices"
      title={text.noDevicesTitle}
      action={
        may('devices') && (
          <ButtonLink look="primary" icon="plus" href="/connect">
            {text.connect}
          </ButtonLink>
        )
      }
    >
      {text.noDevicesBody}
    </Empty>
  </section>
);

const missingText = (missing: readonly Chosen[]) =>
  text.missing(missing.map(({ deviceKey, parameter }) => `${deviceKey} ${parameter}`).join(', '));

/** Any parameters of any devices over any time. Everything that is chosen stands in the address. */
export const Trends = () => {
  const [range, setRange] = useTimeRange();
  const [chosen, choose] = useSelection();
  const directory = useDirectory();
  const [model, setModel] = useState<TrendModel>();
  const { data: devices, error, reload } = directory.devices;
  const wanted = useMemo(() => {
    const keys = new Set(chosen.map(({ deviceKey }) => deviceKey));
    return (devices ?? []).filter(({ key }) => keys.has(key));
  }, [chosen, devices]);
  useEffect(() => directory.want(wanted), [wanted, directory]);

  const found = resolve(chosen, devices, directory.parametersOf, directory.isSure, units.value);
  useEffect(() => {
    for (const { deviceId, parameter } of found.doubted) directory.doubt(deviceId, parameter);
  });
  const names = JSON.stringify(found.series);
  // The same series are the same list, so that the charts are not made anew with every drawing of the page.
  const series = useMemo(() => found.series, [names]);
  const limits = useRuleLimits();
  const bands = useAlarmBands(
    series.map(({ deviceId }) => deviceId),
    range,
  );
  const drawn = useMemo(() => placed(series), [series]);
  const remove = ({ deviceId, parameter }: TrendSeries) => {
    const key = devices?.find(({ id }) => id === deviceId)?.key;
    choose(chosen.filter((one) => !(one.deviceKey === key && one.parameter === parameter)));
  };

  return (
    <Page
      title={text.title}
      sub={series.length > 0 && text.chosen(series.length)}
      actions={
        <>
          <TimeRangePicker range={range} onRange={setRange} />
          <ViewsMenu canSave={chosen.length > 0} />
          {model !== undefined && series.length > 0 && <Downloads model={model} series={series} />}
        </>
      }
    >
      {devices === undefined && error !== undefined && <Failed error={error} retry={reload} />}
      {devices === undefined && error === undefined && <Skeleton lines={6} height="1.5rem" />}
      {devices?.length === 0 && <NoDevices />}
      {devices !== undefined && devices.length > 0 && (
        <div class="grid tr">
          <Picker directory={directory} devices={devices} chosen={chosen} drawn={drawn} onChoose={choose} />
          <div class="stack">
            {found.missing.length > 0 && (
              <Banner
                action={
                  <Button small onClick={() => choose(chosen.filter((one) => !found.missing.includes(one)))}>
                    {text.forget}
                  </Button>
                }
              >
                {missingText(found.missing)}
              </Banner>
            )}
            {chosen.length === 0 && <NothingChosen directory={directory} devices={devices} onChoose={choose} />}
            {series.length === 0 && found.isWaiting && <Skeleton lines={6} height="1.5rem" />}
            {series.length > 0 && (
              <>
                <TrendCharts
                  series={series}
                  range={range}
                  onRange={setRange}
                  onModel={setModel}
                  bands={bands}
                  {...(limits && { limits })}
                  hasBrush
                />
                {model !== undefined && <ValuesTable model={model} series={series} onRemove={remove} />}
              </>
            )}
          </div>
        </div>
      )}
    </Page>
  );
};
