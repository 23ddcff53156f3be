import { isUtf8 } from 'node:buffer';

/** Why a message, or a part of it, was not stored. Users see these words; they do not change. */
export type RefusalReason =
  | 'not_utf8'
  | 'not_json'
  | 'no_metrics'
  | 'too_large'
  | 'non_finite'
  | 'unsupported_value'
  | 'bad_name'
  | 'text_too_long'
  | 'nested_too_deep'
  | 'bad_timestamp'
  | 'ahead_of_clock'
  | 'too_old'
  | 'too_fast'
  | 'wrong_kind'
  | 'too_many_parameters'
  | 'too_many_devices'
  | 'too_many_series'
  | 'bad_device_key'
  | 'unknown_device'
  | 'too_many_pending'
  | 'device_retired'
  | 'device_rejected'
  | 'unknown_factory'
  | 'bad_command_answer'
  | 'unknown_command'
  | 'late_command_answer'
  | 'more_refused';

/** `parameter` is the metric's name, or empty when the whole message or sample was refused. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly parameter: string;
  /** What is wrong and what to do, for the person who looks after the device. */
  readonly detail: string;
}

export type MetricValue = number | boolean | string;

/** Metrics with one stamp; `timestamp` (epoch ms) is absent when the arrival time is meant. */
export interface DecodedSample {
  readonly timestamp: number | undefined;
  readonly names: string[];
  readonly values: MetricValue[];
}

export interface Decoded {
  readonly samples: DecodedSample[];
  readonly refusals: Refusal[];
}

const MAX_NAME_LENGTH = 128;
const MAX_TEXT_LENGTH = 256;
const MAX_DEPTH = 8;

/** Epoch seconds end, and epoch milliseconds begin, here: 1e11 s is the year 5138, 1e11 ms is 1973. */
const SECONDS_BELOW = 1e11;

/** The last instant that a date can be (ECMA-262, 21.4.1.1). What is above cannot be stored, nor shown. */
const MAX_MS = 8.64e15;

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const ISO = /^(\d{4}-\d{2}-(\d{2}))[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;
const ISO_LOCAL = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}/;
/** A string without its end is one too: looking for the end anew from each quote within takes quadratic time. */
const STRING_OR_NON_FINITE = /"(?:[^"\\]|\\.)*"?|-?\b(?:NaN|Infinity)\b/gs;

const refuse = (reason: RefusalReason, detail: string, parameter = ''): Refusal => ({ reason, parameter, detail });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * JSON, and the bare `NaN` and `Infinity` that many encoders write though JSON has none: they become an overflowing
 * number, so that they are refused by name while the rest of the message is stored. Throws SyntaxError.
 */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw error;
    return JSON.parse(text.replace(STRING_OR_NON_FINITE, (token) => (token.startsWith('"') ? token : '1e999')));
  }
}

/** Epoch ms, or a refusal. `undefined` and absent mean: when it arrives. */
function decodeTimestamp(value: unknown): number | undefined | Refusal {
  if (value === undefined) return undefined;
  if (typeof value === 'number') {
    const ms = Math.round(value < SECONDS_BELOW ? value * 1000 : value);
    if (ms >= 0 && ms <= MAX_MS) return ms;
    return refuse('bad_timestamp', 'timestamp is not a time after 1970: send epoch milliseconds');
  }
  if (typeof value !== 'string') {
    return refuse('bad_timestamp', 'timestamp must be epoch milliseconds, epoch seconds or ISO 8601 with offset');
  }
  const match = ISO.exec(value);
  const ms = match === null ? Number.NaN : Date.parse(value.replace(' ', 'T'));
  // Date.parse carries 31 February over into March; the calendar day must survive.
  const day = match?.[1] === undefined ? 0 : new Date(`${match[1]}T00:00:00Z`).getUTCDate();
  if (!Number.isNaN(ms) && day === Number(match?.[2])) return ms;
  if (match === null && ISO_LOCAL.test(value)) {
    return refuse('bad_timestamp', 'timestamp has no offset from UTC: end it with Z or +01:00');
  }
  return refuse('bad_timestamp', 'timestamp is not a time: send epoch milliseconds or ISO 8601 with offset');
}

/** Walks `metrics` into flat names; nested objects become dotted names. */
function flatten(
  metrics: Record<string, unknown>,
  prefix: string,
  depth: number,
  into: DecodedSample,
  refusals: Refusal[],
) {
  for (const key of Object.keys(metrics)) {
    const value = metrics[key];
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isObject(value)) {
      if (depth < MAX_DEPTH) flatten(value, name, depth + 1, into, refusals);
      else refusals.push(refuse('nested_too_deep', `objects may be nested ${MAX_DEPTH} deep`, shorten(name)));
      continue;
    }
    const fault = metricFault(name, value);
    if (fault !== undefined) {
      refusals.push(fault);
      continue;
    }
    into.names.push(name);
    into.values.push(value as MetricValue);
  }
}

const shorten = (name: string) => (name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name);

function metricFault(name: string, value: unknown): Refusal | undefined {
  // Half a surrogate pair becomes U+FFFD in UTF-8: two such names would be one series.
  if (name.length === 0 || name.length > MAX_NAME_LENGTH || CONTROL.test(name) || !name.isWellFormed()) {
    const detail = `a metric name has 1 to ${MAX_NAME_LENGTH} characters and no control characters`;
    return refuse('bad_name', detail, shorten(name).toWellFormed().replaceAll(new RegExp(CONTROL, 'g'), '\ufffd'));
  }
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : refuse('non_finite', 'NaN and infinite values are not stored', name);
    case 'boolean':
      return undefined;
    case 'string':
      if (value.length > MAX_TEXT_LENGTH) {
        return refuse('text_too_long', `a state has at most ${MAX_TEXT_LENGTH} characters`, name);
      }
      return value.isWellFormed() ? undefined : refuse('unsupported_value', 'the text is not valid Unicode', name);
    default:
      return refuse(
        'unsupported_value',
        value === null
          ? 'null is not a value: leave the metric out'
          : 'arrays are not stored: send one metric for each',
        name,
      );
  }
}

function decodeSample(body: Record<string, unknown>, refusals: Refusal[]): DecodedSample | undefined {
  if (!isObject(body.metrics)) {
    refusals.push(refuse('no_metrics', 'expected {"metrics": {"name": value, …}}'));
    return undefined;
  }
  const timestamp = decodeTimestamp(body.timestamp);
  if (typeof timestamp === 'object') {
    refusals.push(timestamp);
    return undefined;
  }
  const sample: DecodedSample = { timestamp, names: [], values: [] };
  const before = refusals.length;
  flatten(body.metrics, '', 1, sample, refusals);
  if (sample.names.length > 0) return sample;
  if (refusals.length === before) refusals.push(refuse('no_metrics', '"metrics" is empty'));
  return undefined;
}

/**
 * Reads a telemetry payload: `{"metrics": {…}, "timestamp": …}` or `{"samples": [{…}, …]}`. Pure; never throws. Good
 * parts come out as samples and bad parts as refusals by name, so that one broken sensor does not silence a machine.
 */
export function decode(payload: Buffer, maxPayloadBytes: number): Decoded {
  const refusals: Refusal[] = [];
  const none = (reason: RefusalReason, detail: string): Decoded => ({
    samples: [],
    refusals: [refuse(reason, detail)],
  });
  if (payload.length > maxPayloadBytes) {
    return none('too_large', `the payload has ${payload.length} bytes, the limit is ${maxPayloadBytes}`);
  }
  if (!isUtf8(payload)) return none('not_utf8', 'the payload is not UTF-8 text');
  let body: unknown;
  try {
    body = parseJson(payload.toString('utf8'));
  } catch {
    return none('not_json', 'the payload is not JSON: send {"metrics": {"name": value}}');
  }
  if (!isObject(body)) return none('no_metrics', 'expected a JSON object with "metrics" or "samples"');
  if (body.samples === undefined) {
    const sample = decodeSample(body, refusals);
    return { samples: sample === undefined ? [] : [sample], refusals };
  }
  if (!Array.isArray(body.samples) || body.samples.length === 0) {
    return none('no_metrics', '"samples" must be a list of {"timestamp": …, "metrics": {…}}');
  }
  const samples: DecodedSample[] = [];
  for (const item of body.samples) {
    const sample = isObject(item) ? decodeSample(item, refusals) : undefined;
    if (sample !== undefined) samples.push(sample);
    else if (!isObject(item)) refusals.push(refuse('no_metrics', 'an item of "samples" is not an object'));
  }
  return { samples, refusals };
}
