import { Panel } from '../../components/panel.tsx';
import { formatDaysLeft } from '../../format/days-left.ts';
import { text } from '../../text/storage.ts';
import { sizeOf } from './sizes.ts';
import type { Storage } from './storage.tsx';

/** From here on it is a warning: enough to buy a disk. */
const SOON_DAYS = 30;

const DaysLeft = ({ storage }: { storage: Storage }) => {
  const { days_left, appliance } = storage;
  if (days_left === null || appliance.bytes_per_day === null) {
    return (
      <div class="sto__left">
        <b>{text.unknown}</b>
        <span>{text.unknownBody}</span>
      </div>
    );
  }
  return (
    <div class="sto__left">
      <b>{formatDaysLeft(days_left)}</b>
      <span>
        {text.fullIn(sizeOf(appliance.bytes_per_day))}
        <small>{text.fullInNote}</small>
        {days_left <= SOON_DAYS && <strong class="sto__soon">{text.soonFull}</strong>}
      </span>
    </div>
  );
};

/** How full the disk is, of what, and for how long it will do. */
export const Space = ({ storage }: { storage: Storage }) => {
  const { disk, appliance } = storage;
  const own = appliance.recent_bytes + appliance.segment_bytes + appliance.control_bytes;
  const used = disk === null ? own : disk.total_bytes - disk.free_bytes;
  const parts = [
    ['recent', appliance.recent_bytes],
    ['history', appliance.segment_bytes],
    ['control', appliance.control_bytes],
    ['other', Math.max(0, used - own)],
  ] as const;
  const shown = disk === null ? parts.slice(0, 3) : parts;
  return (
    <Panel
      title={text.space}
      side={disk !== null && <span class="panel__note">{text.ofDisk(sizeOf(disk.total_bytes))}</span>}
    >
      <DaysLeft storage={storage} />
      {disk !== null && (
        <div class="sto__disk" role="img" aria-label={text.used(sizeOf(used), sizeOf(disk.total_bytes))}>
          {shown.map(([part, bytes]) => (
            <i key={part} class={`sto__${part}`} style={{ width: `${(bytes / disk.total_bytes) * 100}%` }} />
          ))}
        </div>
      )}
      <ul class="sto__parts">
        {shown.map(([part, bytes]) => (
          <li key={part}>
            {disk !== null && <i class={`sto__${part}`} />}
            {text.parts[part]} <b>{sizeOf(bytes)}</b>
          </li>
        ))}
        {disk === null ? (
          <li class="muted">{text.noDisk}</li>
        ) : (
          <li>
            <i class="sto__free" />
            {text.parts.free} <b>{sizeOf(disk.free_bytes)}</b>
          </li>
        )}
      </ul>
    </Panel>
  );
};
