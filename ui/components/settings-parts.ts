import { isOwner, may } from '../state/session.ts';
import { text } from '../text/settings.ts';

export const SETTINGS = '/settings';

export type SettingsPart =
  | 'storage'
  | 'transfer'
  | 'credentials'
  | 'connections'
  | 'users'
  | 'keys'
  | 'channels'
  | 'certificates'
  | 'factories'
  | 'logins'
  | 'audit';

const MAY_SEE: Readonly<Record<SettingsPart, () => boolean>> = {
  storage: () => may('admin'),
  transfer: () => may('viewer'),
  credentials: () => may('devices'),
  connections: () => may('devices'),
  users: () => may('users'),
  keys: () => may('admin'),
  channels: () => may('rules'),
  certificates: () => may('devices'),
  factories: () => isOwner.value,
  logins: () => isOwner.value,
  audit: () => may('admin') || isOwner.value,
};

/** Whether a part of the settings is open to the person. */
export const maySee = (part: SettingsPart): boolean => MAY_SEE[part]();

export const addressOfPart = (part: SettingsPart): string => `${SETTINGS}/${part}`;

/** The parts of the settings that are open to the person, in order. */
export const settingsParts = (): readonly { readonly id: SettingsPart; readonly label: string }[] =>
  (Object.keys(MAY_SEE) as SettingsPart[]).filter(maySee).map((id) => ({ id, label: text[id] }));
