import { isUtf8 } from 'node:buffer';

/** What is wrong with a CONNECT; `returnCode` is what CONNACK has to say, where the standard wants an answer. */
export interface ConnectFault {
  readonly reason: string;
  readonly returnCode?: 1;
}

/** Names of the protocol with the level that goes with each: MQTT 3.1.1, and 3.1 before it. */
const LEVELS: Readonly<Record<string, number>> = { MQTT: 4, MQIsdp: 3 };

/** Reads the fields of a packet's body one after the other. */
function createFieldReader(body: Buffer) {
  let at = 0;
  return {
    /** The next byte, or undefined behind the end. */
    byte: (): number | undefined => body[at++],
    skip: (bytes: number): boolean => {
      at += bytes;
      return at <= body.length;
    },
    /** A field with its length before it; undefined when it is not whole. */
    field: (): Buffer | undefined => {
      if (at + 2 > body.length) return undefined;
      const end = at + 2 + body.readUInt16BE(at);
      if (end > body.length) return undefined;
      const field = body.subarray(at + 2, end);
      at = end;
      return field;
    },
    isAtEnd: (): boolean => at === body.length,
  };
}

/**
 * Whether the body of a CONNECT is as MQTT 3.1.1 (3.1) says, field by field. The parser behind takes protocol levels of
 * bridges and of MQTT 5, a will QoS of 3, a password without a user name, text that is not UTF-8, and anything behind
 * the last field; and it ends an unknown level without CONNACK.
 */
export function connectFault(body: Buffer): ConnectFault | undefined {
  const fields = createFieldReader(body);
  const name = fields.field()?.toString('latin1');
  const level = fields.byte();
  const wanted = name === undefined ? undefined : LEVELS[name];
  if (wanted === undefined) return { reason: 'the protocol is not MQTT' };
  if (level !== wanted) return { reason: `version ${level} of MQTT is not spoken here: use 3.1.1`, returnCode: 1 };
  const flags = fields.byte();
  if (flags === undefined || !fields.skip(2)) return { reason: 'the CONNECT is too short' };
  const [hasWill, willQos, keepsWill] = [(flags & 0x04) !== 0, (flags >> 3) & 3, (flags & 0x20) !== 0];
  const [hasPassword, hasUsername] = [(flags & 0x40) !== 0, (flags & 0x80) !== 0];
  if ((flags & 1) !== 0) return { reason: 'the reserved flag of the CONNECT is set' };
  if (willQos === 3 || (!hasWill && (willQos > 0 || keepsWill))) {
    return { reason: 'the flags of the will contradict each other' };
  }
  if (hasPassword && !hasUsername) return { reason: 'there is a password, and no user name' };
  const kinds: readonly ('text' | 'bytes')[] = [
    'text',
    ...(hasWill ? (['text', 'bytes'] as const) : []),
    ...(hasUsername ? (['text'] as const) : []),
    ...(hasPassword ? (['bytes'] as const) : []),
  ];
  for (const kind of kinds) {
    const field = fields.field();
    if (field === undefined) return { reason: 'the CONNECT is too short' };
    // 1.5.3-1, 1.5.3-2.
    if (kind === 'text' && (!isUtf8(field) || field.includes(0))) {
      return { reason: 'the client id, the topic of the will or the user name has U+0000, or is not UTF-8' };
    }
  }
  return fields.isAtEnd() ? undefined : { reason: 'there is something behind the last field of the CONNECT' };
}
