import type { Device, Parameter } from '../../api/schema.ts';
import { formatParameterValue, shownUnit } from '../../components/parameter-value.tsx';
import { RangeBar } from '../../components/range-bar.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { Age } from '../../components/status.tsx';
import { sideOf } from '../../format/limits.ts';
import { liveDevice } from '../../state/live.ts';
import { units } from '../../state/session.ts';
import { text } from '../../text/device.ts';
import { labelOf, limitsOf } from './parameter-view.ts';

/** One parameter, large: its newest value, how old it is, and where it lies between its limits. */
export const Tile = ({ device, parameter }: { device: Device; parameter: Parameter }) => {
  const live = liveDevice(device.id);
  const newest = live.values.get(parameter.name);
  const isStale = (live.status ?? device.status) !== 'online';
  const side = sideOf(parameter, newest?.value);
  const unit = shownUnit(parameter);
  return (
    <li class={side === undefined ? 'panel' : 'panel sev sev--high'} data-parameter={parameter.name}>
      <span class="soft clip small" title={parameter.name}>
        {labelOf(parameter)}
      </span>
      <span class="lv__v">
        <b class={isStale ? 'clip is-stale-value' : 'clip'}>{formatParameterValue(newest?.value, parameter)}</b>
        {newest !== undefined && unit !== null && <span class="unit clip">{unit}</span>}
      </span>
      {typeof newest?.value === 'number' && (
        <RangeBar value={newest.value} low={parameter.low_limit} high={parameter.high_limit} />
      )}
      <span class="lv__foot small muted">
        {side === undefined ? (
          <span class="clip">{limitsOf(parameter, units.value)}</span>
        ) : (
          <SeverityChip severity="high">{side === 'high' ? text.aboveLimit : text.belowLimit}</SeverityChip>
        )}
        <span class="nowrap">{newest !== undefined && <Age at={newest.at} />}</span>
      </span>
    </li>
  );
};
