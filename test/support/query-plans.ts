import type { Sql, Store } from '../../src/store/store.ts';

/** A statement that was run, on one line, and how SQLite goes about it, step by step. */
export interface QueryPlan {
  readonly sql: string;
  readonly steps: readonly string[];
}

const explained = (sql: Sql, plans: QueryPlan[]): Sql => {
  const note = (text: string, values: Parameters<Sql['all']>[1][]) => {
    const steps = sql.all<{ detail: string }>(`explain query plan ${text}`, ...values).map(({ detail }) => detail);
    plans.push({ sql: text.replace(/\s+/g, ' ').trim(), steps });
  };
  return {
    get: (text, ...values) => {
      note(text, values);
      return sql.get(text, ...values);
    },
    all: (text, ...values) => {
      note(text, values);
      return sql.all(text, ...values);
    },
    run: (text, ...values) => {
      note(text, values);
      return sql.run(text, ...values);
    },
  };
};

/** Has every statement of a store explained from now on. @returns the plans, one for each time that one is run */
export function watchPlans(store: Store): readonly QueryPlan[] {
  const plans: QueryPlan[] = [];
  const { read, write, system, systemRead } = store;
  const watched: Pick<Store, 'read' | 'write' | 'system' | 'systemRead'> = {
    read: (scope, fn) => read(scope, (sql) => fn(explained(sql, plans))),
    write: (scope, fn) => write(scope, (sql) => fn(explained(sql, plans))),
    system: (purpose, fn) => system(purpose, (sql) => fn(explained(sql, plans))),
    systemRead: (purpose, fn) => systemRead(purpose, (sql) => fn(explained(sql as Sql, plans))),
  };
  Object.assign(store, watched);
  return plans;
}
