import type { OverviewDevice } from '../../api/schema.ts';

/** What the list shows of a device at the moment of drawing; values that change go on in its cells. */
export interface ListedDevice extends OverviewDevice {
  /** Epoch ms. */
  readonly seenAt: number | null;
  /** Name and key in lower case, to be searched. */
  readonly searched: string;
}

/** `attention`: everything but normal, as the strip and the overview count it. */
export const FILTERS = ['all', 'attention', 'online', 'stale', 'offline'] as const;
export type Filter = (typeof FILTERS)[number];

export const filterOf = (word: string | undefined): Filter => FILTERS.find((filter) => filter === word) ?? 'all';

/** Devices that do not take part have lists of their own. */
export const OTHER_STANDINGS = ['pending', 'retired', 'rejected'] as const;
export type OtherStanding = (typeof OTHER_STANDINGS)[number];

export const otherStandingOf = (word: string | undefined): OtherStanding | undefined =>
  OTHER_STANDINGS.find((standing) => standing === word);

/** Worst first, as the API orders them. */
const RANKS: Readonly<Record<OverviewDevice['state'], number>> = { out_of_limits: 0, offline: 1, stale: 2, normal: 3 };
export const rankOf = ({ state }: OverviewDevice): number => RANKS[state];

/** What the stream has said since the list was fetched. */
export interface Heard {
  readonly status: OverviewDevice['status'] | undefined;
  readonly lastSeenAt: number | undefined;
}

/** The API's word on a device, brought up to date. A value outside its limits stays the worst that can be said. */
export function listed(device: OverviewDevice, heard: Heard): ListedDevice {
  const status = heard.status ?? device.status;
  const silence = status === 'online' ? 'normal' : status;
  return {
    ...device,
    status,
    state: device.state === 'out_of_limits' ? 'out_of_limits' : silence,
    seenAt: heard.lastSeenAt ?? (device.last_seen_at === null ? null : Date.parse(device.last_seen_at)),
    searched: `${device.name}\n${device.key}`.toLowerCase(),
  };
}

const passes = (device: ListedDevice, filter: Filter): boolean =>
  filter === 'all' || (filter === 'attention' ? device.state !== 'normal' : device.status === filter);

/** The devices that hold every word typed, in any order, in name or key, and are in the state asked for. */
export function matching(devices: readonly ListedDevice[], typed: string, filter: Filter): readonly ListedDevice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && filter === 'all') return devices;
  return devices.filter((device) => passes(device, filter) && words.every((word) => device.searched.includes(word)));
}

/** How many devices each filter would show. */
export function countsOf(devices: readonly ListedDevice[]): Readonly<Record<Filter, number>> {
  const counts = { all: devices.length, attention: 0, online: 0, stale: 0, offline: 0 };
  for (const { status, state } of devices) {
    counts[status]++;
    if (state !== 'normal') counts.attention++;
  }
  return counts;
}

/** A sort in the address: the column, with a minus for descending. */
export const sortWord = (sort: { column: string; isDescending: boolean }): string =>
  `${sort.isDescending ? '-' : ''}${sort.column}`;

export const sortOf = (word: string): { column: string; isDescending: boolean } =>
  word.startsWith('-') ? { column: word.slice(1), isDescending: true } : { column: word, isDescending: false };
