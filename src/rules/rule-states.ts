import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { PackedRule } from './engine-thread.ts';

/** A snapshot of a rule, but for the state itself. */
export interface StateHead extends Omit<PackedRule, 'state'> {
  /** Wall clock (epoch ms). */
  readonly savedAt: number;
}

/** How far the engine has come with each rule, to go on from there after a restart. */
export interface RuleStates {
  /** Of the factory's rules, as far as there are any. */
  heads(scope: FactoryScope): StateHead[];
  load(scope: FactoryScope, ruleId: string): Uint8Array | undefined;
  /** Replaces what is kept of a rule. @throws {AppError} `not_found` for one that has gone */
  save(scope: FactoryScope, packed: PackedRule): void;
}

export function createRuleStates(store: Pick<Store, 'read' | 'write'>, now: () => number): RuleStates {
  return {
    heads: (scope) =>
      store.read(scope, (sql) =>
        sql.all<StateHead>('select rule_id as ruleId, version, seq, saved_at as savedAt from rule_states'),
      ),
    load: (scope, ruleId) =>
      store.read(scope, (sql) => sql.get<{ state: Buffer }>('select state from rule_states where rule_id = ?', ruleId))
        ?.state,
    save: (scope, { ruleId, version, seq, state }) =>
      void store.write(scope, (sql) =>
        sql.run(
          `insert into main.rule_states (factory_id, rule_id, version, seq, saved_at, state)
           values (current_factory(), ?, ?, ?, ?, ?)
           on conflict do update set version = excluded.version, seq = excluded.seq, saved_at = excluded.saved_at,
             state = excluded.state`,
          ruleId,
          version,
          seq,
          now(),
          Buffer.from(state.buffer, state.byteOffset, state.byteLength),
        ),
      ),
  };
}
