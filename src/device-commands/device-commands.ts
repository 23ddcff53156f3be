import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Refusal, RefusalReason } from '../telemetry/telemetry.ts';
import { type AnswerStatus, commandIdIn, readAnswer } from './answer.ts';
import {
  addCommand,
  type CommandStatus,
  type DeviceCommand,
  devicesThatAreWaitedFor,
  getCommand,
  listCommands,
  MAX_OPEN,
  moveCommand,
  openCommands,
  overdueCommands,
  removeCommands,
  waitingCommands,
} from './command-rows.ts';

export { COMMAND_STATUSES, type CommandStatus, type DeviceCommand } from './command-rows.ts';

/** What a person asks of a device. */
export interface CommandOrder {
  readonly command: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** From then on it is not delivered any more (s). */
  readonly expiresInS: number;
  readonly issuedBy: string;
}

/** A command has been issued, or has come further. */
export interface CommandEvent {
  readonly deviceKey: string;
  readonly command: DeviceCommand;
}

/**
 * Commands to devices, on disk from the moment they are asked for. One goes to the broker as soon as a client that is
 * connected takes the device's commands, and waits here until then: so it can be taken back, and never comes late.
 */
export interface DeviceCommands {
  /**
   * @throws {AppError} `not_found` for a device of another factory, `too_many` while 50 of the device are open
   */
  issue(scope: FactoryScope, deviceId: string, order: CommandOrder): DeviceCommand;
  /** Newest first. @throws {AppError} `not_found` */
  list(scope: FactoryScope, deviceId: string, page: { limit: number; before: number }): DeviceCommand[];
  /** @throws {AppError} `not_found` */
  get(scope: FactoryScope, deviceId: string, id: string): DeviceCommand;
  /** Takes back what waits. @throws {AppError} `not_found`, `conflict` when it was sent already */
  cancel(scope: FactoryScope, deviceId: string, id: string): DeviceCommand;
  subscribe(factoryId: number, listener: (event: CommandEvent) => void): () => void;
  /** What the broker tells (`broker/command-port.ts`). */
  answered(scope: FactoryScope, deviceKey: string, payload: Buffer): void;
  listening(scope: FactoryScope, deviceKey: string): void;
  delivered(scope: FactoryScope, deviceKey: string, payload: Buffer): void;
  /** Begins to end what is overdue. */
  start(): void;
  stop(): void;
}

/** A message to a device, for the broker. */
export interface CommandMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 1;
  readonly expiresAt: number;
}

export interface DeviceCommandsDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** The device with an id, or with a key; undefined where there is none in the factory. */
  readonly device: (scope: FactoryScope, id: string) => { readonly id: string; readonly key: string } | undefined;
  readonly deviceByKey: (scope: FactoryScope, key: string) => { readonly id: string; readonly key: string } | undefined;
  /** Other keys that are the device's, under which it may listen. */
  readonly aliases?: (scope: FactoryScope, id: string) => readonly string[];
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  readonly refused: (scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer) => void;
  /** Whether a device that is connected has subscribed to a topic. */
  readonly reaches: (topic: string) => boolean;
  /** Sends at once to whoever has subscribed; settles when that is on disk. */
  readonly publish: (message: CommandMessage) => Promise<unknown>;
  readonly onFault: (error: unknown) => void;
}

/** How long a command is kept. */
const KEPT_MS = 90 * 86_400_000;
const REMOVAL_MS = 3_600_000;
/** Answers to what was sent in time may be on their way for so long. */
const ANSWER_GRACE_MS = 30_000;
const SWEEP_MS = 1_000;

/** What may become of a command by what its device says. */
const NEXT: Readonly<Record<CommandStatus, readonly AnswerStatus[]>> = {
  queued: [],
  sent: ['accepted', 'done', 'failed'],
  delivered: ['accepted', 'done', 'failed'],
  accepted: ['done', 'failed'],
  done: [],
  failed: [],
  expired: [],
  cancelled: [],
};

const topicOf = ({ slug }: FactoryScope, key: string) => `factories/${slug}/devices/${key}/commands`;
const isoTime = (ms: number) => new Date(ms).toISOString();
const notFound = () => new AppError('not_found', 'not found');

export function createDeviceCommands(deps: DeviceCommandsDeps): DeviceCommands {
  const { store, clock } = deps;
  const listeners = new Map<number, Set<(event: CommandEvent) => void>>();
  let timer: NodeJS.Timeout | undefined;
  let removedAt = Number.NEGATIVE_INFINITY;

  const tell = ({ factoryId }: FactoryScope, deviceKey: string, command: DeviceCommand) => {
    for (const listener of listeners.get(factoryId) ?? []) listener({ deviceKey, command });
  };
  const deviceOf = (scope: FactoryScope, id: string) => {
    const device = deps.device(scope, id);
    if (device === undefined) throw notFound();
    return device;
  };
  const move = (
    scope: FactoryScope,
    deviceKey: string,
    command: DeviceCommand,
    status: CommandStatus,
    message: string | null = null,
  ): DeviceCommand => {
    const moved = store.write(scope, (sql) => moveCommand(sql, command, { status, message, changedAt: clock.now() }));
    tell(scope, deviceKey, moved);
    return moved;
  };

  /** Where somebody listens for a device. */
  const topicsOf = (scope: FactoryScope, { id, key }: { readonly id: string; readonly key: string }): string[] =>
    [key, ...(deps.aliases?.(scope, id) ?? [])].map((one) => topicOf(scope, one)).filter(deps.reaches);

  /** Hands a command that waits to the broker. */
  const send = (scope: FactoryScope, key: string, topics: readonly string[], command: DeviceCommand): DeviceCommand => {
    const { id, command: name, parameters, issuedAt, expiresAt } = command;
    const payload = JSON.stringify({
      id,
      command: name,
      parameters,
      issued_at: isoTime(issuedAt),
      expires_at: isoTime(expiresAt),
    });
    for (const topic of topics) deps.publish({ topic, payload, qos: 1, expiresAt }).catch(deps.onFault);
    return move(scope, key, command, 'sent');
  };

  const sendWaiting = (scope: FactoryScope, { id, key }: { readonly id: string; readonly key: string }) => {
    const waiting = store.read(scope, (sql) => waitingCommands(sql, id, clock.now()));
    const topics = waiting.length === 0 ? [] : topicsOf(scope, { id, key });
    if (topics.length === 0) return;
    for (const command of waiting) send(scope, key, topics, command);
  };

  const refuse = (scope: FactoryScope, key: string, reason: RefusalReason, detail: string, payload: Buffer) =>
    deps.refused(scope, key, [{ reason, parameter: '', detail }], payload);

  /** Ends what is overdue, and removes what is old. */
  const sweep = () => {
    const now = clock.now();
    if (now - removedAt > REMOVAL_MS) {
      removedAt = now;
      store.system('expire commands', (sql) => removeCommands(sql, now - KEPT_MS));
    }
    const overdue = store.systemRead('expire commands', (sql) => overdueCommands(sql, now, now - ANSWER_GRACE_MS));
    for (const { factoryId, id, deviceId } of overdue) {
      const scope = deps.scopeOf(factoryId);
      const command = scope && store.read(scope, (sql) => getCommand(sql, deviceId, id));
      if (scope === undefined || command === undefined) continue;
      move(scope, deps.device(scope, deviceId)?.key ?? '', command, 'expired');
    }
  };

  return {
    issue: (scope, deviceId, { command, parameters, expiresInS, issuedBy }) => {
      const { key } = deviceOf(scope, deviceId);
      const now = clock.now();
      const issued = store.write(scope, (sql) => {
        if (openCommands(sql, deviceId) >= MAX_OPEN) {
          const detail = `${MAX_OPEN} commands of this device wait or are not answered yet: cancel some, or let them expire`;
          throw new AppError('too_many', detail);
        }
        return addCommand(sql, {
          id: newId(),
          deviceId,
          command,
          parameters,
          status: 'queued',
          message: null,
          issuedBy,
          issuedAt: now,
          expiresAt: now + expiresInS * 1_000,
          changedAt: now,
        });
      });
      tell(scope, key, issued);
      const topics = topicsOf(scope, { id: deviceId, key });
      return topics.length > 0 ? send(scope, key, topics, issued) : issued;
    },
    list: (scope, deviceId, { limit, before }) => {
      deviceOf(scope, deviceId);
      return store.read(scope, (sql) => listCommands(sql, deviceId, limit, before));
    },
    get: (scope, deviceId, id) => {
      const command = store.read(scope, (sql) => getCommand(sql, deviceId, id));
      if (command === undefined) throw notFound();
      return command;
    },
    cancel: (scope, deviceId, id) => {
      const { key } = deviceOf(scope, deviceId);
      const command = store.read(scope, (sql) => getCommand(sql, deviceId, id));
      if (command === undefined) throw notFound();
      if (command.status !== 'queued') {
        throw new AppError('conflict', `it cannot be taken back any more: it is ${command.status}`);
      }
      return move(scope, key, command, 'cancelled');
    },
    subscribe: (factoryId, listener) => {
      const held = listeners.get(factoryId) ?? new Set();
      listeners.set(factoryId, held.add(listener));
      return () => {
        held.delete(listener);
        if (held.size === 0) listeners.delete(factoryId);
      };
    },
    answered: (scope, deviceKey, payload) => {
      const answer = readAnswer(payload);
      if (typeof answer === 'string') return refuse(scope, deviceKey, 'bad_command_answer', answer, payload);
      const device = deps.deviceByKey(scope, deviceKey);
      const command = device && store.read(scope, (sql) => getCommand(sql, device.id, answer.id));
      if (command === undefined) {
        const detail = `this device was never sent a command ${answer.id}, or it was too long ago`;
        return refuse(scope, deviceKey, 'unknown_command', detail, payload);
      }
      // Sent again, because the acknowledgement was lost.
      if (command.status === answer.status) return;
      if (!NEXT[command.status].includes(answer.status)) {
        const detail = `the answer "${answer.status}" came when the command was ${command.status} already: ${command.command}`;
        return refuse(scope, deviceKey, 'late_command_answer', detail, payload);
      }
      move(scope, deviceKey, command, answer.status, answer.message);
    },
    listening: (scope, deviceKey) => {
      try {
        const keyed = deviceKey === '+' ? undefined : deps.deviceByKey(scope, deviceKey);
        if (keyed !== undefined) return sendWaiting(scope, keyed);
        if (deviceKey !== '+') return;
        const ids = store.read(scope, (sql) => devicesThatAreWaitedFor(sql, clock.now()));
        for (const id of ids) {
          const device = deps.device(scope, id);
          if (device !== undefined) sendWaiting(scope, device);
        }
      } catch (error) {
        deps.onFault(error);
      }
    },
    delivered: (scope, deviceKey, payload) => {
      try {
        const id = commandIdIn(payload);
        const device = deps.deviceByKey(scope, deviceKey);
        const command =
          id === undefined || device === undefined
            ? undefined
            : store.read(scope, (sql) => getCommand(sql, device.id, id));
        if (command?.status === 'sent') move(scope, deviceKey, command, 'delivered');
      } catch (error) {
        deps.onFault(error);
      }
    },
    start: () => {
      timer = setInterval(() => {
        try {
          sweep();
        } catch (error) {
          deps.onFault(error);
        }
      }, SWEEP_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
