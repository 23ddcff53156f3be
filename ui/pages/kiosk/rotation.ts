import type { OverviewDevice } from '../../api/schema.ts';

const SHORTEST_S = 5;
const LONGEST_S = 3_600;
const USUAL_S = 20;
/** A round of more than this would take too long for anybody to wait for a device. */
export const MAX_DEVICES = 30;

/** What a wall's address asks for. */
export interface WallOptions {
  readonly everySeconds: number;
  /** Device keys or ids; empty: all. */
  readonly devices: readonly string[];
}

/** Reads `every=20` and `devices=key,key`. Without the latter the wall of a device's page is about that device. */
export function readWallOptions(
  { every, devices }: Readonly<Record<string, string | undefined>>,
  path = '/',
): WallOptions {
  const ofPage = /^\/devices\/([^/]+)$/.exec(path)?.[1] ?? '';
  const seconds = Number(every ?? USUAL_S);
  const isSensible = seconds >= SHORTEST_S && seconds <= LONGEST_S;
  return {
    everySeconds: isSensible ? Math.round(seconds) : USUAL_S,
    devices: (devices ?? ofPage).split(',').filter(Boolean),
  };
}

/** The devices that a wall is about: the chosen ones in the order of the address, otherwise worst first as they come. */
export function shownDevices(all: readonly OverviewDevice[], keys: readonly string[]): readonly OverviewDevice[] {
  if (keys.length === 0) return all;
  const named = new Map(all.flatMap((device) => [[device.key, device] as const, [device.id, device] as const]));
  return keys.flatMap((key) => named.get(key) ?? []);
}

/** A page of the wall: all devices at a glance, or one device. */
export type WallPage = { readonly kind: 'overview' } | { readonly kind: 'device'; readonly device: OverviewDevice };

/** The pages of a round: the overview, then the devices; one device alone needs no overview. */
export function wallPages(devices: readonly OverviewDevice[]): WallPage[] {
  const each = devices.slice(0, MAX_DEVICES).map((device): WallPage => ({ kind: 'device', device }));
  return devices.length === 1 ? each : [{ kind: 'overview' }, ...each];
}

/** How many of each state there are among these. */
export function countStates(devices: readonly OverviewDevice[]): Record<OverviewDevice['state'], number> {
  const counts = { out_of_limits: 0, offline: 0, stale: 0, normal: 0 };
  for (const { state } of devices) counts[state]++;
  return counts;
}
