import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { DeviceKeys } from '../core/device-keys.ts';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { DeviceIdentity } from './credentials.ts';
import type { Factories } from './factories.ts';

/** Certificates of a credential that are good at the same time. */
const MAX_GOOD = 20;
/** Those that are not are remembered, for the reason to be told; the oldest go. */
const MAX_SPENT = 50;
const DAY_MS = 86_400_000;
/** It is good a while before it was made: for an appliance whose clock has been set back. */
const BEHIND_MS = 30 * DAY_MS;

/** A certificate of a device credential. Times are epoch ms. */
export interface DeviceCertificate {
  readonly id: string;
  readonly name: string;
  /** Hexadecimal. */
  readonly serial: string;
  /** SHA-256, as `AB:CD:…`. */
  readonly fingerprint: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

/** Asks the appliance's authority for devices. */
export type CertifyDevice = (order: {
  readonly commonName: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly request?: string | undefined;
}) => Promise<{ readonly certificate: string; readonly key: string | null; readonly authority: string }>;

/** Why a certificate is not let in: a reason for programs, and words for people. */
export interface CertificateRefusal {
  readonly reason: 'certificate_unknown' | 'certificate_revoked' | 'certificate_expired';
  readonly detail: string;
}

/** Whom a certificate stands for. */
export interface CertificateIdentity extends DeviceIdentity {
  readonly certificateId: string;
  /** The MQTT user name of its credential. */
  readonly username: string;
  readonly expiresAt: number;
}

export interface IssuedDeviceCertificate {
  readonly certificate: DeviceCertificate;
  /** PEM, as are the others. */
  readonly pem: string;
  /** Returned here and never again; null where the device has it. */
  readonly privateKey: string | null;
  /** Who has signed it. */
  readonly authority: string;
}

export interface DeviceCertificates {
  /**
   * Makes a certificate for a credential, or signs a request of the device's own key.
   *
   * @throws {AppError} `not_found`, `conflict` when there are too many, `invalid_input` for a request that is not one
   */
  issue(
    scope: FactoryScope,
    credentialId: string,
    wish: { readonly name: string; readonly days: number; readonly request?: string | undefined },
  ): Promise<IssuedDeviceCertificate>;
  /** Of a credential, newest first. @throws {AppError} `not_found` */
  list(scope: FactoryScope, credentialId: string): readonly DeviceCertificate[];
  /** Takes one back; twice is once. @throws {AppError} `not_found` */
  revoke(scope: FactoryScope, credentialId: string, id: string): void;
  /** Whom it stands for, or why not. Whether its holder has the key is the handshake's business. */
  identify(presented: Pick<X509Certificate, 'fingerprint256' | 'subject'>): CertificateIdentity | CertificateRefusal;
  /** Calls `listener` with the id of each certificate that is taken back. */
  onRevoked(listener: (certificateId: string) => void): void;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly serial: string;
  readonly fingerprint: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
}

interface PresentedRow {
  readonly factory_id: number;
  readonly id: string;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly credential_id: string;
  readonly credential_name: string;
  readonly username: string;
  readonly device_keys: string;
}

const toCertificate = (row: Row): DeviceCertificate => ({
  id: row.id,
  name: row.name,
  serial: row.serial,
  fingerprint: row.fingerprint,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
});

const keysOf = (json: string): DeviceKeys => {
  const keys = JSON.parse(json) as string[];
  return keys[0] === '*' ? '*' : keys;
};

const notFound = () => new AppError('not_found', 'not found');

export interface DeviceCertificatesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Pick<Factories, 'byNumber'>;
  readonly certify: CertifyDevice;
  /** Reads a certificate of ours. */
  readonly read: (pem: string) => Pick<X509Certificate, 'serialNumber' | 'fingerprint256' | 'validToDate'>;
}

/** Certificates that devices sign in with instead of a password. */
export function createDeviceCertificates(deps: DeviceCertificatesDeps): DeviceCertificates {
  const { store, clock, factories, certify, read } = deps;
  const listeners = new Set<(certificateId: string) => void>();
  const credentialOf = (scope: FactoryScope, id: string) => {
    const found = store.read(scope, (sql) =>
      sql.get<{ username: string }>('select username from device_credentials where id = ?', id),
    );
    if (found === undefined) throw notFound();
    return found;
  };
  const assertRoom = (scope: FactoryScope, credentialId: string) => {
    const { good = 0 } =
      store.read(scope, (sql) =>
        sql.get<{ good: number }>(
          `select count(*) as good from device_certificates
           where credential_id = ? and revoked_at is null and expires_at > ?`,
          credentialId,
          clock.now(),
        ),
      ) ?? {};
    if (good < MAX_GOOD) return;
    throw new AppError('conflict', `the credential has ${MAX_GOOD} certificates that are good: revoke one first`);
  };

  return {
    issue: async (scope, credentialId, { name, days, request }) => {
      const { username } = credentialOf(scope, credentialId);
      assertRoom(scope, credentialId);
      const now = clock.now();
      const order = { commonName: username, notBefore: now - BEHIND_MS, notAfter: now + days * DAY_MS, request };
      const { certificate: pem, key, authority } = await certify(order);
      const { serialNumber: serial, fingerprint256: fingerprint, validToDate } = read(pem);
      const row: Row = {
        id: newId(),
        name,
        serial,
        fingerprint,
        created_at: now,
        expires_at: validToDate.getTime(),
        revoked_at: null,
      };
      // Again, because others may have come in between.
      assertRoom(scope, credentialId);
      store.write(scope, (sql) => {
        sql.run(
          `insert into main.device_certificates
             (factory_id, id, credential_id, name, serial, fingerprint, created_at, expires_at)
           values (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...([scope.factoryId, row.id, credentialId, name, serial, fingerprint, now, row.expires_at] as const),
        );
        sql.run(
          `delete from main.device_certificates where factory_id = ?1 and id in (
             select id from device_certificates
             where credential_id = ?2 and (revoked_at is not null or expires_at <= ?3)
             order by created_at desc limit -1 offset ${MAX_SPENT})`,
          ...([scope.factoryId, credentialId, now] as const),
        );
      });
      return { certificate: toCertificate(row), pem, privateKey: key, authority };
    },

    list: (scope, credentialId) => {
      credentialOf(scope, credentialId);
      return store
        .read(scope, (sql) =>
          sql.all<Row>(
            `select id, name, serial, fingerprint, created_at, expires_at, revoked_at
             from device_certificates where credential_id = ? order by created_at desc, id`,
            credentialId,
          ),
        )
        .map(toCertificate);
    },

    revoke: (scope, credentialId, id) => {
      const changed = store.write(scope, (sql) =>
        sql.run(
          `update main.device_certificates set revoked_at = coalesce(revoked_at, ?)
           where factory_id = ? and credential_id = ? and id = ?`,
          clock.now(),
          scope.factoryId,
          credentialId,
          id,
        ),
      );
      if (changed === 0) throw notFound();
      for (const listener of listeners) listener(id);
    },

    identify: ({ fingerprint256, subject }) => {
      const row = store.systemRead('authenticate device', (sql) =>
        sql.get<PresentedRow>(
          `select c.factory_id, c.id, c.expires_at, c.revoked_at,
                  d.id as credential_id, d.name as credential_name, d.username, d.device_keys
           from device_certificates c
           join device_credentials d on d.factory_id = c.factory_id and d.id = c.credential_id
           where c.fingerprint = ?`,
          fingerprint256,
        ),
      );
      const scope = row && factories.byNumber(row.factory_id)?.scope;
      const whose = JSON.stringify((subject ?? '').replaceAll('\n', ', ').slice(0, 200));
      if (row === undefined || scope === undefined) {
        const detail = `the certificate of ${whose} was not made by this appliance, or its credential is gone`;
        return { reason: 'certificate_unknown', detail };
      }
      const at = (ms: number) => new Date(ms).toISOString().slice(0, 10);
      if (row.revoked_at !== null) {
        return { reason: 'certificate_revoked', detail: `its certificate was revoked on ${at(row.revoked_at)}` };
      }
      if (row.expires_at <= clock.now()) {
        const detail = `its certificate expired on ${at(row.expires_at)}: give it a new one`;
        return { reason: 'certificate_expired', detail };
      }
      return {
        scope,
        credentialId: row.credential_id,
        name: row.credential_name,
        deviceKeys: keysOf(row.device_keys),
        certificateId: row.id,
        username: row.username,
        expiresAt: row.expires_at,
      };
    },

    onRevoked: (listener) => void listeners.add(listener),
  };
}
