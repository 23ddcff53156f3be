import type { Alarm } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { may } from '../../state/session.ts';
import { text } from '../../text/alarms.ts';
import { AlarmRaised, AlarmSeverity, AlarmState, AlarmWords } from './alarm-cells.tsx';

/** An open alarm in a short list beside other things, with the one thing that cannot wait. */
export const AlarmRow = ({ alarm, acknowledge }: { alarm: Alarm; acknowledge: (ids: readonly string[]) => void }) => {
  const isWaiting = alarm.status === 'active' || alarm.status === 'cleared';
  return (
    <li class={isWaiting ? `al__row sev sev--${alarm.severity}` : 'al__row'}>
      <AlarmSeverity alarm={alarm} />
      <AlarmWords alarm={alarm} />
      <span class="al__row-state">
        <AlarmState alarm={alarm} />
      </span>
      <span class="al__row-at">
        <AlarmRaised alarm={alarm} />
      </span>
      {may('operator') && isWaiting && (
        <Button small onClick={() => acknowledge([alarm.id])}>
          {text.acknowledge}
        </Button>
      )}
    </li>
  );
};
