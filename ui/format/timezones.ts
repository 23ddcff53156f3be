/**
 * Zones that browsers list by the name of long ago (Unicode CLDR keeps the first one for ever), and the name that people
 * look for (IANA tz database, file `backward`).
 */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

const currentName = (zone: string): string => RENAMED[zone] ?? zone;
const isUtc = (zone: string): boolean => /^(Etc\/)?(UTC|GMT|UCT|Zulu|Universal)$/.test(zone);

/** All zones to choose from, by name, and UTC first; `chosen` is among them whatever it is. */
export function timezones(chosen: string): readonly string[] {
  const known = new Set(Intl.supportedValuesOf('timeZone').map(currentName));
  known.delete('UTC');
  const rest = [...known].sort();
  return known.has(chosen) || chosen === 'UTC' ? ['UTC', ...rest] : ['UTC', chosen, ...rest];
}

/** The reader's own zone (IANA). Browsers take up to 100 ms to find it, so ask when it is needed and not before. */
export const browserZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The preset: the appliance stands in the factory, but many servers run on UTC; then the reader's own zone. */
export function presetTimezone(machine: string, browser: string): string {
  const zone = currentName(isUtc(machine) ? browser : machine);
  return isUtc(zone) ? 'UTC' : zone;
}

/** How far a zone is from UTC at a moment (epoch ms): "UTC+05:30". */
export function utcOffset(ms: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' }).formatToParts(ms);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  return name.replace('GMT', 'UTC');
}
