declare const scopeBrand: unique symbol;

/**
 * The right to touch one factory's rows, and the only key that opens `store.read` and `store.write`.
 * Minted by `accounts` (session, device) and by `jobs`; nobody else may call `mintFactoryScope`, and
 * `test/architecture.test.ts` says so.
 */
export interface FactoryScope {
  readonly [scopeBrand]: true;
  /** The factory's number inside the databases; never reused, never shown. */
  readonly factoryId: number;
  /** The factory's id outside: a UUID. */
  readonly factoryUuid: string;
  /** The factory's name in topics: `factories/{slug}/…`. */
  readonly slug: string;
  /** IANA zone of the factory's calendar. */
  readonly timezone: string;
}

/** Makes a scope out of a row of `factories`. */
export function mintFactoryScope(factory: Omit<FactoryScope, typeof scopeBrand>): FactoryScope {
  const { factoryId, factoryUuid, slug, timezone } = factory;
  return Object.freeze({ factoryId, factoryUuid, slug, timezone }) as FactoryScope;
}
