import { isDeepStrictEqual } from 'node:util';
import { AppError, type Fault } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import { appliesTo } from './applies-to.ts';
import { watchOf } from './condition.ts';
import type { RuleDefinition } from './definition.ts';

/** A rule as it is now. Times are epoch ms. */
export interface Rule {
  readonly id: string;
  /** Counts the changes of its definition. */
  readonly version: number;
  readonly definition: RuleDefinition;
  readonly createdAt: number;
  /** By name, as the ones below. */
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** A rule as it was, or is. */
export interface RuleVersion {
  readonly version: number;
  readonly definition: RuleDefinition;
  readonly madeAt: number;
  readonly madeBy: string;
}

/** What has become of a rule, told once it is committed. */
export interface RuleChange {
  readonly kind: 'saved' | 'removed';
  /** As it is now; of one that was removed, as it was at last. */
  readonly rule: Rule;
  /** As it was before; of a new one undefined. */
  readonly previous: Rule | undefined;
}

/** Which rules to list, by name. */
export interface RulePage {
  readonly limit: number;
  /** Only those behind this one. */
  readonly after?: { readonly name: string; readonly id: string } | undefined;
  /** Looked for in the name. */
  readonly text?: string | undefined;
  readonly isActive?: boolean | undefined;
}

/** The rules of all factories, with all that they were. Every method that takes an id throws `not_found`. */
export interface Rules {
  /** @throws {AppError} `invalid_input` for ids that nothing has, `conflict` at 1,000 rules */
  create(scope: FactoryScope, definition: RuleDefinition, by: string): Rule;
  get(scope: FactoryScope, id: string): Rule;
  list(scope: FactoryScope, page: RulePage): Rule[];
  /** All of a factory's. */
  all(scope: FactoryScope): Rule[];
  /**
   * Gives a rule another definition, which makes a version of it; the same one changes nothing.
   *
   * @throws {AppError} `invalid_input`
   */
  update(scope: FactoryScope, id: string, change: (before: RuleDefinition) => RuleDefinition, by: string): Rule;
  setActive(scope: FactoryScope, id: string, isActive: boolean, by: string): Rule;
  remove(scope: FactoryScope, id: string): void;
  /** Newest first; those of a rule that was removed, too. */
  versions(scope: FactoryScope, id: string, page: { readonly limit: number; readonly before: number }): RuleVersion[];
  version(scope: FactoryScope, id: string, version: number): RuleVersion;
  /** A device has become a part of another: rules that name it name that one from now on. */
  deviceMerged(scope: FactoryScope, id: string, intoId: string, by: string): void;
  /** Calls `listener` after every change, in the order of the changes. */
  onChanged(listener: (scope: FactoryScope, change: RuleChange) => void): void;
}

export interface RuleStoreDeps {
  readonly store: Store;
  /** Epoch ms. */
  readonly now: () => number;
  /** Whether the factory has a device with this id. */
  readonly hasDevice: (scope: FactoryScope, id: string) => boolean;
  /** Whether the factory has a channel with this id. */
  readonly hasChannel: (scope: FactoryScope, id: string) => boolean;
}

/** Of one factory. */
const MAX_RULES = 1_000;
/** Of one rule, the newest. */
const MAX_VERSIONS = 1_000;
/** Of rules that were removed, the newest of all. */
const MAX_FORMER_VERSIONS = 10_000;

interface RuleRow extends Omit<Rule, 'definition'> {
  readonly name: string;
  readonly isActive: number;
  readonly definition: string;
}

type VersionRow = Omit<RuleVersion, 'definition'> & { readonly definition: string };

const COLUMNS = `id, name, version, is_active as isActive, definition, created_at as createdAt, created_by as createdBy,
  updated_at as updatedAt, updated_by as updatedBy`;
const VERSION_COLUMNS = 'version, definition, made_at as madeAt, made_by as madeBy';

/** In the order of the definition's own members, so that the same definition is the same text. */
const ruleOf = ({ name, isActive, definition, ...row }: RuleRow): Rule => ({
  ...row,
  definition: { name, is_active: isActive === 1, ...JSON.parse(definition) } as RuleDefinition,
});

const versionOf = ({ definition, ...row }: VersionRow): RuleVersion => ({
  ...row,
  definition: JSON.parse(definition) as RuleDefinition,
});

const notFound = () => new AppError('not_found', 'not found');

/** The same value, whatever the order of members, and whether one is undefined or missing. */
const isEqual = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));

/** What decides when an alarm of a rule is raised and cleared, and on which devices. */
const decisive = ({ is_active, device_ids, tags, ...rule }: RuleDefinition) => ({
  ...watchOf(rule),
  is_active,
  device_ids,
  tags,
});

/** Whether two definitions watch the same devices for the same: what the engine knows of the one holds for the other. */
export const isSameWatch = (one: RuleDefinition, other: RuleDefinition): boolean =>
  isEqual(decisive(one), decisive(other));

/** Whether a rule watches a device. One that rests watches none. */
export const watches = (
  { is_active, device_ids, tags }: Pick<RuleDefinition, 'is_active' | 'device_ids' | 'tags'>,
  device: Parameters<typeof appliesTo>[1],
): boolean => is_active && appliesTo({ deviceIds: device_ids, tags }, device);

const readRule = (sql: SqlReads, id: string): Rule => {
  const row = sql.get<RuleRow>(`select ${COLUMNS} from rules where id = ?`, id);
  if (row === undefined) throw notFound();
  return ruleOf(row);
};

/** Which rules each rule is suppressed by. */
const parentsOf = (sql: SqlReads): Map<string, readonly string[]> =>
  new Map(
    sql
      .all<{ id: string; parents: string }>(
        `select id, json_extract(definition, '$.suppressed_by') as parents from rules`,
      )
      .map(({ id, parents }) => [id, JSON.parse(parents) as string[]]),
  );

/** Whether one goes up from `from` to `to`. */
function leadsTo(from: string, to: string, parents: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(parents.get(id) ?? []));
  }
  return false;
}

const channelsOf = ({ notifications, escalation }: RuleDefinition): string[] =>
  [...notifications, ...escalation].map(({ channel_id }) => channel_id);

export function createRules({ store, now, hasDevice, hasChannel }: RuleStoreDeps): Rules {
  const listeners: ((scope: FactoryScope, change: RuleChange) => void)[] = [];
  const tell = (scope: FactoryScope, change: RuleChange) => {
    for (const listener of listeners) listener(scope, change);
  };

  /** What was there before stays: a device may have gone since, and that must not hold up another change. */
  const strangers = (scope: FactoryScope, ids: readonly string[], before: readonly string[] = []): Fault[] =>
    ids.flatMap((id, index) =>
      before.includes(id) || hasDevice(scope, id)
        ? []
        : [{ pointer: `/device_ids/${index}`, message: 'no device of this factory has this id' }],
    );

  const channelFaults = (scope: FactoryScope, definition: RuleDefinition, before?: RuleDefinition): Fault[] => {
    const known = new Set(before === undefined ? [] : channelsOf(before));
    return (['notifications', 'escalation'] as const).flatMap((member) =>
      definition[member].flatMap(({ channel_id: id }, index) =>
        known.has(id) || hasChannel(scope, id)
          ? []
          : [{ pointer: `/${member}/${index}/channel_id`, message: 'no channel of this factory has this id' }],
      ),
    );
  };

  const parentFaults = (sql: SqlReads, id: string, { suppressed_by }: RuleDefinition, before: readonly string[]) => {
    if (suppressed_by.length === 0) return [];
    const parents = parentsOf(sql);
    return suppressed_by.flatMap((parent, index): Fault[] => {
      const fault = (message: string) => [{ pointer: `/suppressed_by/${index}`, message }];
      if (parent === id) return fault('a rule cannot suppress itself');
      if (!parents.has(parent)) return before.includes(parent) ? [] : fault('no rule of this factory has this id');
      return leadsTo(parent, id, parents) ? fault('the two rules would suppress each other in turn') : [];
    });
  };

  const refuse = (faults: readonly Fault[]) => {
    if (faults.length > 0) throw new AppError('invalid_input', 'the rule is not valid', { faults });
  };

  const addVersion = (sql: Sql, { id, version, definition, updatedAt, updatedBy }: Rule) => {
    sql.run(
      `insert into main.rule_versions (factory_id, rule_id, version, definition, made_at, made_by)
       values (current_factory(), ?, ?, ?, ?, ?)`,
      id,
      version,
      JSON.stringify(definition),
      updatedAt,
      updatedBy,
    );
    sql.run(
      'delete from main.rule_versions where factory_id = current_factory() and rule_id = ? and version <= ?',
      id,
      version - MAX_VERSIONS,
    );
  };

  /** The columns of a rule that change. */
  const valuesOf = ({ definition: { name, is_active, ...rest }, version, updatedAt, updatedBy }: Rule) =>
    [name, version, Number(is_active), JSON.stringify(rest), updatedAt, updatedBy] as const;

  const update: Rules['update'] = (scope, id, change, by) => {
    // What a change asks of the devices is asked before the transaction: store calls do not nest.
    const seen = store.read(scope, (sql) => readRule(sql, id));
    const definition = change(seen.definition);
    const faults = [
      ...strangers(scope, definition.device_ids, seen.definition.device_ids),
      ...channelFaults(scope, definition, seen.definition),
    ];
    if (isEqual(definition, seen.definition)) return seen;
    const changed = store.write(scope, (sql) => {
      refuse([...faults, ...parentFaults(sql, id, definition, seen.definition.suppressed_by)]);
      const rule = { ...seen, version: seen.version + 1, definition, updatedAt: now(), updatedBy: by };
      sql.run(
        `update main.rules set name = ?, version = ?, is_active = ?, definition = ?, updated_at = ?, updated_by = ?
         where factory_id = current_factory() and id = ?`,
        ...valuesOf(rule),
        id,
      );
      addVersion(sql, rule);
      return rule;
    });
    tell(scope, { kind: 'saved', rule: changed, previous: seen });
    return changed;
  };

  const all = (scope: FactoryScope) =>
    store.read(scope, (sql) => sql.all<RuleRow>(`select ${COLUMNS} from rules order by name, id`).map(ruleOf));

  return {
    create: (scope, definition, by) => {
      const faults = [...strangers(scope, definition.device_ids), ...channelFaults(scope, definition)];
      const at = now();
      const made = { createdAt: at, createdBy: by, updatedAt: at, updatedBy: by };
      const rule: Rule = { id: newId(), version: 1, definition, ...made };
      store.write(scope, (sql) => {
        const count = sql.get<{ count: number }>('select count(*) as count from rules')?.count ?? 0;
        if (count >= MAX_RULES) {
          throw new AppError('conflict', `a factory has at most ${MAX_RULES} rules: remove one that is not needed`);
        }
        refuse([...faults, ...parentFaults(sql, rule.id, definition, [])]);
        sql.run(
          `insert into main.rules
             (factory_id, name, version, is_active, definition, updated_at, updated_by, id, created_at, created_by)
           values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...valuesOf(rule),
          rule.id,
          at,
          by,
        );
        addVersion(sql, rule);
      });
      tell(scope, { kind: 'saved', rule, previous: undefined });
      return rule;
    },
    get: (scope, id) => store.read(scope, (sql) => readRule(sql, id)),
    list: (scope, { limit, after, text = '', isActive }) =>
      store.read(scope, (sql) =>
        sql
          .all<RuleRow>(
            `select ${COLUMNS} from rules
             where (name, id) > (?1, ?2) and (?3 is null or is_active = ?3) and mentions(name, ?4)
             order by name, id limit ?5`,
            after?.name ?? '',
            after?.id ?? '',
            isActive === undefined ? null : Number(isActive),
            text,
            limit,
          )
          .map(ruleOf),
      ),
    all,
    update,
    setActive: (scope, id, isActive, by) => update(scope, id, (before) => ({ ...before, is_active: isActive }), by),
    remove: (scope, id) => {
      const rule = store.write(scope, (sql) => {
        const found = readRule(sql, id);
        sql.run('delete from main.rules where factory_id = current_factory() and id = ?', id);
        sql.run(
          `delete from main.rule_versions where factory_id = current_factory() and (rule_id, version) in (
             select rule_id, version from rule_versions where rule_id not in (select id from rules)
             order by made_at desc, rule_id, version desc limit -1 offset ?)`,
          MAX_FORMER_VERSIONS,
        );
        return found;
      });
      tell(scope, { kind: 'removed', rule, previous: rule });
    },
    versions: (scope, id, { limit, before }) => {
      const found = store.read(scope, (sql) => ({
        isKnown: sql.get('select 1 from rule_versions where rule_id = ? limit 1', id) !== undefined,
        rows: sql.all<VersionRow>(
          `select ${VERSION_COLUMNS} from rule_versions where rule_id = ? and version < ? order by version desc limit ?`,
          id,
          before,
          limit,
        ),
      }));
      if (!found.isKnown) throw notFound();
      return found.rows.map(versionOf);
    },
    version: (scope, id, version) => {
      const row = store.read(scope, (sql) =>
        sql.get<VersionRow>(
          `select ${VERSION_COLUMNS} from rule_versions where rule_id = ? and version = ?`,
          id,
          version,
        ),
      );
      if (row === undefined) throw notFound();
      return versionOf(row);
    },
    deviceMerged: (scope, id, intoId, by) => {
      for (const rule of all(scope).filter(({ definition }) => definition.device_ids.includes(id))) {
        const follow = (before: RuleDefinition): RuleDefinition => ({
          ...before,
          device_ids: [...new Set(before.device_ids.map((each) => (each === id ? intoId : each)))],
        });
        update(scope, rule.id, follow, by);
      }
    },
    onChanged: (listener) => void listeners.push(listener),
  };
}
