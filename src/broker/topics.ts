/** A topic of a device, taken apart: `factories/{slug}/devices/{key}/telemetry`. */
export interface TelemetryTopic {
  readonly slug: string;
  readonly deviceKey: string;
  /** It ends in `/commands/ack`: what became of a command. */
  readonly isAnswer?: true;
}

function parse(topic: string, last: string): TelemetryTopic | undefined {
  const levels = topic.split('/');
  if (levels.length !== 5 || levels[0] !== 'factories' || levels[2] !== 'devices' || levels[4] !== last)
    return undefined;
  const [, slug = '', , deviceKey = ''] = levels;
  return { slug, deviceKey };
}

export const parseTelemetryTopic = (topic: string): TelemetryTopic | undefined => parse(topic, 'telemetry');

const ANSWER = /\/commands\/ack$/;

/** `factories/{slug}/devices/{key}/commands/ack` */
export function parseAnswerTopic(topic: string): TelemetryTopic | undefined {
  if (!ANSWER.test(topic)) return undefined;
  const target = parse(topic.slice(0, -'/ack'.length), 'commands');
  return target && { ...target, isAnswer: true };
}

/** `deviceKey` may be `+`: every device of the credential. */
export const parseCommandsTopic = (topic: string): TelemetryTopic | undefined => parse(topic, 'commands');

/** `deviceKey` may be `+`, as above. */
export const parseStatusTopic = (topic: string): TelemetryTopic | undefined => parse(topic, 'status');

/** MQTT 3.1.1, 1.5.3: a string with U+0000, or one that was not UTF-8 and so decoded to U+FFFD, ends the connection. */
export const isBrokenText = (text: string): boolean => text.includes('\u0000') || text.includes('\ufffd');

/** Whether a text is a topic filter (MQTT 3.1.1, 4.7): `+` fills a level, `#` the last one, and it is not empty. */
export function isFilter(text: string): boolean {
  if (text === '' || isBrokenText(text)) return false;
  const levels = text.split('/');
  return levels.every(
    (level, index) => !/[+#]/.test(level) || level === '+' || (level === '#' && index === levels.length - 1),
  );
}

/** Whether a text is a topic that a message can have (4.7.1-1, 4.7.3-1): not empty, and without wildcards. */
export const isTopic = (text: string): boolean => text !== '' && !isBrokenText(text) && !/[+#]/.test(text);

/** 4.7.2-1: a filter that begins with a wildcard does not match what begins with `$`. */
const isKeptApart = (wildcard: string | undefined, level: string | undefined): boolean =>
  (wildcard === '+' || wildcard === '#') && level !== undefined && level.startsWith('$');

/** Bytes of a topic, or a filter, that is kept: in memory, and with durable sessions on disk. */
const MAX_KEPT_BYTES = 1_024;

/** Whether a topic or a filter is short enough to be kept; passed on is one of any length. */
export const isKeepable = (text: string): boolean => Buffer.byteLength(text) <= MAX_KEPT_BYTES;

/** MQTT 3.1.1, 4.7: `+` stands for one level, `#` for all that follow, and for the level above. */
export function matches(filter: string, topic: string): boolean {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  if (isKeptApart(wanted[0], given[0])) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== '+' && level !== given[index]) return false;
    if (given[index] === undefined) return false;
  }
  return wanted.length === given.length;
}

/** Whether there is a topic that both filters match; a topic is a filter that matches itself. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')];
  if (isKeptApart(a[0], b[0]) || isKeptApart(b[0], a[0])) return false;
  for (let index = 0; ; index++) {
    const [here, there] = [a[index], b[index]];
    if (here === '#' || there === '#') return true;
    if (here === undefined || there === undefined) return here === there;
    if (here !== there && here !== '+' && there !== '+') return false;
  }
}
