import { accessSync, constants, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { AppError, type Fault, systemCode } from '../core/errors.ts';
import { type Config, configSchema } from './schema.ts';

export { readConfiguredFile } from './configured-file.ts';

export { type Config, configJsonSchema } from './schema.ts';

/** The file that is read when `--config` names none. It need not exist. */
const DEFAULT_CONFIG_FILE = 'factoryops.config.json';

const PREFIX = 'FACTORYOPS_';

/** Short names that the contract promises beside the general rule (`FACTORYOPS_HTTP__PORT`). */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  HTTP_PORT: ['http', 'port'],
  MQTT_PORT: ['mqtt', 'port'],
  HTTPS_PORT: ['http', 'https_port'],
  MQTTS_PORT: ['mqtt', 'tls_port'],
};

export interface ConfigSources {
  /** From `--config`; when absent the default file is read if there is one. */
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** From the command line: configuration paths such as `http.port` and their values. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/**
 * A secret that stands elsewhere: `{"env": "NAME"}` or `{"file": "path"}` in place of a string. One that is not there
 * is a fault: the default must not take its place in silence.
 */
function resolveSecrets(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  faults: Fault[],
  path: readonly string[] = [],
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && typeof only[1] === 'string') {
    const [kind, place] = only;
    if (kind === 'env') {
      const text = environment[place];
      if (text === undefined) faults.push({ pointer: path.join('.'), message: `the variable ${place} is not set` });
      return text;
    }
    if (kind === 'file') {
      try {
        return readFileSync(place, 'utf8').trimEnd();
      } catch (error) {
        faults.push({ pointer: path.join('.'), message: `cannot read ${place} (${systemCode(error)})` });
        return undefined;
      }
    }
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolveSecrets(item, environment, faults, [...path, key])]),
  );
}

/** A service may be started wherever somebody happens to be, and that may be closed to it. */
function canBeSearched(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readConfigFile(file: string | undefined): Record<string, unknown> {
  const path = file ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (file === undefined && (systemCode(error) === 'ENOENT' || !canBeSearched('.'))) return {};
    throw new AppError('config_invalid', `cannot read the configuration file ${path} (${systemCode(error)})`, {
      cause: error,
    });
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
    throw new Error('not a JSON object');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('config_invalid', `${path} is not valid JSON: ${reason}`, { cause: error });
  }
}

/** Sets `tree.a.b` for the path ['a', 'b'], making the objects on the way. */
function assign(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const child = tree[head];
  const branch = typeof child === 'object' && child !== null ? { ...child } : {};
  tree[head] = branch;
  assign(branch as Record<string, unknown>, rest, value);
}

/** Text whatever it looks like: a directory may be named 2026. */
const TEXT_KEYS: ReadonlySet<string> = new Set(['DATA_DIR']);

/** Environment values are text: numbers, booleans, arrays and objects are read as JSON, all else as it stands. */
function environmentValue(key: string, text: string): unknown {
  if (TEXT_KEYS.has(key) || !/^(true|false|-?\d|\[|\{)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const faultsOf = (error: z.ZodError): Fault[] =>
  error.issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return keys.map((key) => ({
      pointer: [...issue.path, ...(key === undefined ? [] : [key])].join('.'),
      message: key === undefined ? issue.message : 'unknown key',
    }));
  });

/**
 * Defaults < file < environment < flags.
 *
 * @throws {AppError} `config_invalid`, with every fault and its path at once
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  const environment = sources.environment ?? {};
  const tree = readConfigFile(sources.file);
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined || text === '') continue;
    const key = name.slice(PREFIX.length);
    assign(tree, SHORT_NAMES[key] ?? key.toLowerCase().split('__'), environmentValue(key, text));
  }
  for (const [path, value] of Object.entries(sources.flags ?? {})) {
    if (value !== undefined) assign(tree, path.split('.'), value);
  }
  const faults: Fault[] = [];
  const parsed = configSchema.safeParse(resolveSecrets(tree, environment, faults));
  if (parsed.success && faults.length === 0) return parsed.data;
  if (!parsed.success) faults.push(...faultsOf(parsed.error));
  const list = faults.map((fault) => `${fault.pointer}: ${fault.message}`).join('; ');
  throw new AppError('config_invalid', `the configuration has ${faults.length} fault(s): ${list}`, { faults });
}
