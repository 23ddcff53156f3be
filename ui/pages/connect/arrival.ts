import type { Device } from '../../api/schema.ts';

/** What was known of the device when the page began to wait for it. */
export interface Baseline {
  readonly lastSeenAt: string | null;
  /** Appliance time (epoch ms). */
  readonly openedAt: number;
}

/**
 * Whether the device has sent something since. A device that did not exist when the page was opened counts as well: its
 * message may come faster than the first look.
 */
export const hasArrived = (device: Device | undefined, { lastSeenAt, openedAt }: Baseline): boolean =>
  device !== undefined &&
  device.last_seen_at !== null &&
  (device.last_seen_at !== lastSeenAt || Date.parse(device.created_at) > openedAt);
