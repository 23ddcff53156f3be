import type { ImportOptions, ImportPreview } from '../../../api/schema.ts';
import { text } from '../../../text/transfer.ts';

export type OptionName = keyof ImportOptions;
type Detected = ImportPreview['detected'][number];

/** How an option is asked for. */
export type OptionControl = 'choice' | 'column' | 'optional_column' | 'zone' | 'text' | 'words' | 'columns';

export const CONTROLS: Readonly<Record<OptionName, OptionControl>> = {
  delimiter: 'choice',
  decimal: 'choice',
  time_column: 'column',
  time_format: 'choice',
  timezone: 'zone',
  midnight: 'choice',
  layout: 'choice',
  device: 'text',
  device_column: 'optional_column',
  parameter_column: 'column',
  value_column: 'column',
  unit_column: 'optional_column',
  columns: 'columns',
  header: 'choice',
  encoding: 'choice',
  quoted_text: 'choice',
  missing: 'words',
};

const OFTEN = ['delimiter', 'decimal', 'time_column', 'time_format', 'timezone', 'midnight', 'layout'] as const;
const SELDOM = ['header', 'encoding', 'quoted_text', 'missing'] as const;
const OF_LAYOUT = {
  wide: ['device', 'columns'],
  long: ['device_column', 'device', 'parameter_column', 'value_column', 'unit_column'],
} as const;

/** What an option is now: what was said, or what was found out. Empty: neither. */
export function currentOf(name: OptionName, options: ImportOptions, detected: readonly Detected[]): string {
  const said = options[name];
  if (said !== undefined) return String(said);
  return detected.find(({ option }) => option === name)?.value ?? '';
}

/** The options that matter for a file, in their order: those that are often wrong, and the rest. */
export function optionsFor(
  options: ImportOptions,
  detected: readonly Detected[],
): { readonly often: readonly OptionName[]; readonly seldom: readonly OptionName[] } {
  const layout = currentOf('layout', options, detected) === 'long' ? 'long' : 'wide';
  const ofLayout = OF_LAYOUT[layout].filter(
    // A column names the devices already.
    (name) => name !== 'device' || layout === 'wide' || currentOf('device_column', options, detected) === '',
  );
  return { often: [...OFTEN, ...ofLayout], seldom: SELDOM };
}

/** The choices of an option, as `[value, words]`. */
export const choicesOf = (name: OptionName): readonly (readonly [string, string])[] =>
  Object.entries(text.values[name] ?? {});

function parsed(name: OptionName, value: string): unknown {
  if (name === 'header' || name === 'quoted_text') return value === 'true';
  if (name !== 'missing') return value;
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** The options with one changed; an empty value leaves it to be found out. */
export function withOption(options: ImportOptions, name: OptionName, value: string | readonly string[]): ImportOptions {
  const { [name]: _before, ...rest } = options;
  if (value.length === 0) return rest;
  return { ...rest, [name]: typeof value === 'string' ? parsed(name, value) : value };
}
