import type { Sql, SqlReads } from '../store/store.ts';

/** Alarms of a rule on a device that are kept from people until a time (epoch ms). */
export interface ShelfRow {
  readonly id: string;
  readonly ruleId: string;
  readonly deviceId: string;
  readonly ruleName: string;
  readonly until: number;
  readonly isOneShot: number;
  readonly reason: string;
  readonly shelvedBy: string;
  readonly shelvedAt: number;
}

/** A shelf, and what its device is called now. */
export interface Shelf extends ShelfRow {
  readonly deviceKey: string;
}

const COLUMNS = `id, rule_id as ruleId, device_id as deviceId, rule_name as ruleName, until, is_one_shot as isOneShot, reason,
  shelved_by as shelvedBy, shelved_at as shelvedAt`;

const ONE = `select ${COLUMNS} from alarm_shelves where rule_id = ? and device_id = ?`;

/** The shelf on which a rule's alarms on a device are; its time may be over. */
export const shelfOf = (sql: SqlReads, ruleId: string, deviceId: string): ShelfRow | undefined =>
  sql.get<ShelfRow>(ONE, ruleId, deviceId);

/** One, by its id. */
export const shelfById = (sql: SqlReads, id: string): ShelfRow | undefined =>
  sql.get<ShelfRow>(`select ${COLUMNS} from alarm_shelves where id = ?`, id);

/** Those on which alarms of a device are. */
export const shelvesOn = (sql: SqlReads, deviceId: string): ShelfRow[] =>
  sql.all<ShelfRow>(`select ${COLUMNS} from alarm_shelves where device_id = ?`, deviceId);

/** Whether anything is on a shelf. */
export const hasShelves = (sql: SqlReads): boolean => sql.get('select 1 from alarm_shelves limit 1') !== undefined;

/** All whose time is not over, the one that ends first before the others. */
export const listShelves = (sql: SqlReads, now: number): Shelf[] =>
  sql.all<Shelf>(
    `select s.*, d.key as deviceKey from (select ${COLUMNS} from alarm_shelves where until > ?) s
     join devices d on d.id = s.deviceId order by s.until, s.id`,
    now,
  );

/** Of a row, in SQL: that its factory is not put away. Rows are not looked for by it. */
export const IS_IN_USE = '+factory_id in (select id from factories where archived_at is null)';

/** Of all factories that are in use: those whose time is over. */
export const overdueShelves = (sql: SqlReads, now: number): (ShelfRow & { factoryId: number })[] =>
  sql.all(
    `select factory_id as factoryId, ${COLUMNS} from alarm_shelves where until <= ? and ${IS_IN_USE} order by until limit 200`,
    now,
  );

/** Puts a rule's alarms on a device on a shelf, or on another for that on which they were. */
export function putOnShelf(sql: Sql, shelf: ShelfRow): void {
  dropShelf(sql, shelf.ruleId, shelf.deviceId);
  sql.run(
    `insert into main.alarm_shelves
       (factory_id, id, rule_id, device_id, rule_name, until, is_one_shot, reason, shelved_by, shelved_at)
     values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[shelf.id, shelf.ruleId, shelf.deviceId, shelf.ruleName, shelf.until, shelf.isOneShot],
    ...[shelf.reason, shelf.shelvedBy, shelf.shelvedAt],
  );
}

/** Takes a shelf away. @returns whether there was one */
export const dropShelf = (sql: Sql, ruleId: string, deviceId: string): boolean =>
  sql.run(
    'delete from main.alarm_shelves where factory_id = current_factory() and rule_id = ? and device_id = ?',
    ruleId,
    deviceId,
  ) > 0;
