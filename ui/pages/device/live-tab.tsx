import { useComputed } from '@preact/signals';
import { useMemo, useState } from 'preact/hooks';
import type { Device } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { liveDevice } from '../../state/live.ts';
import { factory, may } from '../../state/session.ts';
import { text } from '../../text/device.ts';
import { ChooseKpis } from './choose-kpis.tsx';
import { DeviceCharts } from './device-charts.tsx';
import { Tile } from './tile.tsx';
import type { Parameters } from './use-parameters.ts';

/** Tiles drawn before one asks for more: a device may have a thousand parameters, and each is a KPI at first. */
const MAX_TILES = 24;

const NoData = ({ device }: { device: Device }) => (
  <section class="panel">
    <Empty
      icon="devices"
      title={text.noDataTitle}
      action={may('devices') && <ButtonLink href="/connect">{text.connect}</ButtonLink>}
    >
      {text.noDataBody(`factories/${factory.value?.slug}/devices/${device.key}/telemetry`)}
    </Empty>
  </section>
);

/** How the device is doing now, and how it was lately. */
export const LiveTab = ({ device, parameters }: { device: Device; parameters: Parameters }) => {
  const [showsAll, setShowsAll] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const { all, error } = parameters;
  const isSilent = useComputed(() => liveDevice(device.id).values.size === 0);
  const kpis = useMemo(() => all?.filter(({ is_kpi }) => is_kpi) ?? [], [all]);
  if (all === undefined) {
    return error === undefined ? (
      <Skeleton lines={4} height="2rem" />
    ) : (
      <Failed error={error} retry={parameters.reload} />
    );
  }
  if (all.length === 0 || (isSilent.value && device.last_seen_at === null)) return <NoData device={device} />;
  const shown = showsAll ? kpis : kpis.slice(0, MAX_TILES);
  const choose = may('devices') && (
    <Button small icon="star" onClick={() => setChoosing(true)}>
      {text.chooseKpis}
    </Button>
  );
  return (
    <>
      {kpis.length === 0 ? (
        <section class="panel">
          <Empty icon="star" title={text.noKpiTitle} action={choose}>
            {may('devices') ? text.noKpiBody : text.noKpiBodyOfOthers}
          </Empty>
        </section>
      ) : (
        <>
          <ul class="lv">
            {shown.map((parameter) => (
              <Tile key={parameter.name} device={device} parameter={parameter} />
            ))}
          </ul>
          <div class="row row--wrap">
            {choose}
            {kpis.length > MAX_TILES && (
              <Button small look="quiet" onClick={() => setShowsAll(!showsAll)}>
                {showsAll ? text.showLess : text.showAll(kpis.length)}
              </Button>
            )}
          </div>
          <DeviceCharts device={device} kpis={kpis} />
        </>
      )}
      {isChoosing && <ChooseKpis parameters={parameters} onClose={() => setChoosing(false)} />}
    </>
  );
};
