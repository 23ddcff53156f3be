import type { Sql, SqlReads } from '../store/store.ts';

/**
 * How far a command has come. `queued`: no client that is connected takes the device's commands; `sent`: one was sent it;
 * `delivered`: it said that it has it (PUBACK); then what the device says; or it came to its end before that.
 */
export const COMMAND_STATUSES = [
  'queued',
  'sent',
  'delivered',
  'accepted',
  'done',
  'failed',
  'expired',
  'cancelled',
] as const;
export type CommandStatus = (typeof COMMAND_STATUSES)[number];

/** A command to a device. Times are epoch ms. */
export interface DeviceCommand {
  readonly id: string;
  readonly seq: number;
  readonly deviceId: string;
  readonly command: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: CommandStatus;
  /** What the device says of it. */
  readonly message: string | null;
  /** Who sent it. */
  readonly issuedBy: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly changedAt: number;
}

/** Commands of one device that are kept; of more, the oldest go. */
const MAX_KEPT = 200;
/** Commands of one device that wait, or were sent and not answered. */
export const MAX_OPEN = 50;

type CommandRow = Omit<DeviceCommand, 'parameters'> & { readonly parameters: string };

const COLUMNS = `id, seq, device_id as deviceId, command, parameters, status, message, issued_by as issuedBy,
  issued_at as issuedAt, expires_at as expiresAt, changed_at as changedAt`;

const commandOf = ({ parameters, ...row }: CommandRow): DeviceCommand => ({
  ...row,
  parameters: JSON.parse(parameters) as Record<string, unknown>,
});

/** Those of a device, newest first. @param before - the `seq` of the last one that is known */
export const listCommands = (sql: SqlReads, deviceId: string, limit: number, before: number): DeviceCommand[] =>
  sql
    .all<CommandRow>(
      `select ${COLUMNS} from device_commands where device_id = ? and seq < ? order by seq desc limit ?`,
      deviceId,
      before,
      limit,
    )
    .map(commandOf);

/** One of a device. */
export function getCommand(sql: SqlReads, deviceId: string, id: string): DeviceCommand | undefined {
  const row = sql.get<CommandRow>(
    `select ${COLUMNS} from device_commands where id = ? and device_id = ?`,
    id,
    deviceId,
  );
  return row && commandOf(row);
}

/** Those of a device that wait, and whose time is not over at `now`, oldest first. */
export const waitingCommands = (sql: SqlReads, deviceId: string, now: number): DeviceCommand[] =>
  sql
    .all<CommandRow>(
      `select ${COLUMNS} from device_commands
       where device_id = ? and status = 'queued' and expires_at > ? order by seq`,
      deviceId,
      now,
    )
    .map(commandOf);

/** Devices of which a command waits. */
export const devicesThatAreWaitedFor = (sql: SqlReads, now: number): string[] =>
  sql
    .all<{ deviceId: string }>(
      `select distinct device_id as deviceId from device_commands where status = 'queued' and expires_at > ?`,
      now,
    )
    .map(({ deviceId }) => deviceId);

/** How many of a device are neither answered nor over. */
export const openCommands = (sql: SqlReads, deviceId: string): number =>
  sql.get<{ open: number }>(
    `select count(*) as open from device_commands where device_id = ? and status in ('queued', 'sent')`,
    deviceId,
  )?.open ?? 0;

/** Adds a command, and lets the oldest of its device go. @returns it with its number */
export function addCommand(sql: Sql, command: Omit<DeviceCommand, 'seq'>): DeviceCommand {
  const { deviceId } = command;
  const newest = sql.get<{ seq: number | null }>('select max(seq) as seq from device_commands')?.seq ?? 0;
  const added = { ...command, seq: newest + 1 };
  sql.run(
    `insert into main.device_commands
       (factory_id, device_id, id, seq, command, parameters, status, message, issued_by, issued_at, expires_at, changed_at)
     values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    deviceId,
    added.id,
    added.seq,
    added.command,
    JSON.stringify(added.parameters),
    added.status,
    added.message,
    added.issuedBy,
    added.issuedAt,
    added.expiresAt,
    added.changedAt,
  );
  sql.run(
    `delete from main.device_commands where factory_id = current_factory() and device_id = ?1 and seq <= (
       select seq from device_commands where device_id = ?1 order by seq desc limit 1 offset ${MAX_KEPT})`,
    deviceId,
  );
  return added;
}

/** Moves a command on. */
export function moveCommand(
  sql: Sql,
  command: DeviceCommand,
  change: Pick<DeviceCommand, 'status' | 'changedAt'> & { readonly message?: string | null },
): DeviceCommand {
  const moved = { ...command, ...change, message: change.message ?? command.message };
  sql.run(
    `update main.device_commands set status = ?, message = ?, changed_at = ?
     where factory_id = current_factory() and id = ?`,
    moved.status,
    moved.message,
    moved.changedAt,
    command.id,
  );
  return moved;
}

/** Of all factories: those whose time is over. @param sentBefore - of those that were sent, expired by then */
export const overdueCommands = (
  sql: SqlReads,
  now: number,
  sentBefore: number,
): { factoryId: number; id: string; deviceId: string }[] =>
  sql.all(
    `select factory_id as factoryId, id, device_id as deviceId from device_commands
     where (status = 'queued' and expires_at <= ?) or (status = 'sent' and expires_at <= ?) limit 500`,
    now,
    sentBefore,
  );

/** Removes those of all factories that were issued before a time (epoch ms). */
export const removeCommands = (sql: Sql, before: number): number =>
  sql.run('delete from main.device_commands where issued_at < ?', before);
