import { Secret, TOTP } from 'otpauth';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { hashSecret, newReadableCode } from '../core/ids.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import type { Vault } from './vault.ts';

const ISSUER = 'FactoryOps';
const STEP_S = 30;
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;
/** Codes of the step before and after count too: the clocks of telephones differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

/** What an authenticator app is given. */
export interface SecondFactorSecret {
  /** Base32, to be typed. */
  readonly secret: string;
  /** `otpauth://…`, to be shown as a QR code. */
  readonly uri: string;
}

/** One-time codes by time (TOTP, RFC 6238) beside the password, for those who want them. */
export interface SecondFactors {
  /** Makes a secret, which counts once a code of it was confirmed. @throws {AppError} `conflict` when there is one */
  begin(userId: string, email: string): SecondFactorSecret;
  /**
   * Turns it on.
   *
   * @returns codes that stand in for it, each once; shown now and never again
   * @throws {AppError} `conflict` (nothing was begun, or it is on), `invalid_input` (the code is wrong)
   */
  confirm(userId: string, code: string): readonly string[];
  /** Turns it off, with all its codes. */
  remove(userId: string): void;
  /** Whether the code is right, which uses it up: no code works twice. */
  use(userId: string, code: string): boolean;
}

interface Row {
  readonly secret: string;
  readonly is_confirmed: number;
  readonly used_step: number;
}

const purposeOf = (userId: string) => `second factor of ${userId}`;
const totpOf = (secret: string, label = '') =>
  new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: STEP_S });

/** A recovery code in any case, with or without its hyphens. */
const hashCode = (code: string) => hashSecret(code.toUpperCase().replace(/[^A-Z0-9]/g, ''));

/** True when someone has a second factor, and it is confirmed. */
export const hasSecondFactor = (sql: SqlReads, userId: string): boolean =>
  sql.get('select 1 from second_factors where user_id = ? and is_confirmed = 1', userId) !== undefined;

/** Takes a second factor away, inside the caller's transaction. */
export function removeSecondFactor(sql: Sql, userId: string): void {
  sql.run('delete from main.second_factors where user_id = ?', userId);
  sql.run('delete from main.recovery_codes where user_id = ?', userId);
}

export function createSecondFactors(store: Store, clock: Clock, vault: Vault): SecondFactors {
  const rowOf = (sql: SqlReads, userId: string) =>
    sql.get<Row>('select secret, is_confirmed, used_step from second_factors where user_id = ?', userId);

  /** The step that a code belongs to, if it is right and later than the one used last. */
  const stepOf = (row: Row, userId: string, code: string): number | undefined => {
    const digits = code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(digits)) return undefined;
    const timestamp = clock.now();
    const delta = totpOf(vault.open(row.secret, purposeOf(userId))).validate({
      token: digits,
      timestamp,
      window: WINDOW,
    });
    if (delta === null) return undefined;
    const current = Math.floor(timestamp / 1_000 / STEP_S);
    const step = current + delta;
    // One that was used while the clock was ahead must not keep its owner out until that time comes.
    const used = row.used_step > current + WINDOW ? 0 : row.used_step;
    return step > used ? step : undefined;
  };
  const useStep = (sql: Sql, userId: string, step: number) =>
    sql.run('update main.second_factors set used_step = ?, is_confirmed = 1 where user_id = ?', step, userId);

  return {
    begin: (userId, email) => {
      const secret = new Secret({ size: SECRET_BYTES }).base32;
      store.system('sign in', (sql) => {
        if (hasSecondFactor(sql, userId)) {
          throw new AppError('conflict', 'there is a second factor already: turn it off first');
        }
        sql.run(
          `insert into main.second_factors (user_id, secret, created_at) values (?, ?, ?)
           on conflict (user_id) do update set secret = excluded.secret, used_step = 0, created_at = excluded.created_at`,
          userId,
          vault.seal(secret, purposeOf(userId)),
          clock.now(),
        );
      });
      return { secret, uri: totpOf(secret, email).toString() };
    },

    confirm: (userId, code) =>
      store.system('sign in', (sql) => {
        const row = rowOf(sql, userId);
        if (row === undefined) throw new AppError('conflict', 'no second factor was begun: begin it first');
        if (row.is_confirmed === 1) throw new AppError('conflict', 'the second factor is on already');
        const step = stepOf(row, userId, code);
        if (step === undefined) {
          const message = 'the code is wrong: take the newest of the app, and see that the clocks agree';
          throw new AppError('invalid_input', message, { faults: [{ pointer: '/code', message }] });
        }
        useStep(sql, userId, step);
        const codes = Array.from({ length: RECOVERY_CODES }, () => newReadableCode(3));
        sql.run('delete from main.recovery_codes where user_id = ?', userId);
        for (const one of codes) {
          sql.run('insert into main.recovery_codes (user_id, code_hash) values (?, ?)', userId, hashCode(one));
        }
        return codes;
      }),

    remove: (userId) => store.system('sign in', (sql) => removeSecondFactor(sql, userId)),

    use: (userId, code) =>
      store.system('sign in', (sql) => {
        const row = rowOf(sql, userId);
        if (row === undefined || row.is_confirmed === 0) return false;
        const step = stepOf(row, userId, code);
        if (step !== undefined) return useStep(sql, userId, step) === 1;
        return (
          sql.run('delete from main.recovery_codes where user_id = ? and code_hash = ?', userId, hashCode(code)) === 1
        );
      }),
  };
}
