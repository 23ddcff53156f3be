import type { Device } from '../../api/schema.ts';
import { nameOfDevice } from './applied-devices.ts';

interface DeviceChoiceProps {
  readonly label: string;
  readonly devices: readonly Device[];
  /** Its id. */
  readonly current: string;
  readonly onChoose: (id: string) => void;
}

/** One of the devices that a rule is for. */
export const DeviceChoice = ({ label, devices, current, onChoose }: DeviceChoiceProps) => (
  <label class="row rl__on">
    <span class="label">{label}</span>
    <select class="select" value={current} onChange={(event) => onChoose(event.currentTarget.value)}>
      {devices.map((device) => (
        <option key={device.id} value={device.id}>
          {nameOfDevice(device)}
        </option>
      ))}
    </select>
  </label>
);
