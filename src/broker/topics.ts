/** A telemetry topic, taken apart: `factories/{slug}/devices/{key}/telemetry`. */
export interface TelemetryTopic {
  readonly slug: string;
  readonly deviceKey: string;
}

function parse(topic: string, last: string): TelemetryTopic | undefined {
  const levels = topic.split('/');
  if (levels.length !== 5 || levels[0] !== 'factories' || levels[2] !== 'devices' || levels[4] !== last)
    return undefined;
  const [, slug = '', , deviceKey = ''] = levels;
  return { slug, deviceKey };
}

export const parseTelemetryTopic = (topic: string): TelemetryTopic | undefined => parse(topic, 'telemetry');

/** `deviceKey` may be `+`: every device of the credential. */
export const parseCommandsTopic = (topic: string): TelemetryTopic | undefined => parse(topic, 'commands');

/** MQTT 3.1.1, 1.5.3: a string with U+0000, or one that was not UTF-8 and so decoded to U+FFFD, ends the connection. */
export const isBrokenText = (text: string): boolean => text.includes('\u0000') || text.includes('\ufffd');
