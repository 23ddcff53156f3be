/** What a device says of a command. */
const ANSWERS = ['accepted', 'done', 'failed'] as const;
export type AnswerStatus = (typeof ANSWERS)[number];

export interface Answer {
  readonly id: string;
  readonly status: AnswerStatus;
  /** In the device's own words; null without any. */
  readonly message: string | null;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const MAX_MESSAGE_LENGTH = 500;
/** An answer of more bytes is not looked at: a thousandth of it would do. */
const MAX_ANSWER_BYTES = 16_384;

/** The members of a JSON object; undefined for any other text. */
function membersOf(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads what was published to `…/commands/ack`: `{"id": …, "status": "accepted"|"done"|"failed", "message"?: …}`. A longer
 * message is cut to 500 characters.
 *
 * @returns what is wrong with it, when it is none
 */
export function readAnswer(payload: Buffer): Answer | string {
  if (payload.length > MAX_ANSWER_BYTES) return `an answer has at most ${MAX_ANSWER_BYTES} bytes`;
  const members = membersOf(payload);
  if (members === undefined) return 'an answer to a command is a JSON object: {"id": "…", "status": "done"}';
  const { id, status, message = null } = members;
  if (typeof id !== 'string' || !UUID.test(id)) return '"id" is that of the command, as it was sent';
  if (!ANSWERS.some((known) => known === status)) return '"status" is "accepted", "done" or "failed"';
  if (message !== null && typeof message !== 'string') return '"message" is a text';
  return {
    id: id.toLowerCase(),
    status: status as AnswerStatus,
    message: message?.slice(0, MAX_MESSAGE_LENGTH) ?? null,
  };
}

/** The id in what was sent to a device; undefined for what was not a command of ours. */
export function commandIdIn(payload: Buffer): string | undefined {
  const id = membersOf(payload)?.id;
  return typeof id === 'string' && UUID.test(id) ? id : undefined;
}
