import { type Accounts, type Factories, KEY_USERNAME } from './accounts/accounts.ts';
import type { SendInvite } from './api/routes/invites.ts';
import type { DeviceIdentity } from './broker/broker.ts';
import type { Config } from './config/config.ts';
import type { Control } from './control.ts';
import type { Clock } from './core/clock.ts';
import { AppError } from './core/errors.ts';
import type { Log } from './core/log.ts';
import type { FactoryScope } from './core/scope.ts';
import { createPresence, type Presence } from './devices/devices.ts';
import { type HistoryPlace, idsOf, type OpenedHistory } from './historian/historian.ts';
import { inviteMail, type Mailer } from './notify/notify.ts';
import { createReplays, type Replays, type ReplaysParts } from './rules/rules.ts';
import { type Ingest, type LiveState, restoreLiveState } from './telemetry/telemetry.ts';
import { archiveFactory, type Exporter } from './transfer/transfer.ts';
import { createQueryPool, taskProgress } from './workers/workers.ts';

const ALL = { limit: 100_000, after: undefined };
const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** What stands in the ZIP file of a factory beside its history. No password, hash, key or link is in it. */
function documentsOf({ accounts, catalogue, channels, rules }: Control, scope: FactoryScope) {
  const factory = accounts.factories.byUuid(scope.factoryUuid);
  return {
    'factory.json': {
      name: factory?.name,
      slug: scope.slug,
      timezone: scope.timezone,
      created_at: isoTime(factory?.createdAt ?? null),
      archived_at: isoTime(factory?.archivedAt ?? null),
    },
    'devices.json': catalogue.all(scope).map(({ key, name, standing, tags, parameters }) => ({
      key,
      name,
      standing,
      tags,
      parameters: parameters.map(({ seriesId: _, also: __, ...parameter }) => parameter),
    })),
    'rules.json': rules.all(scope).map(({ id, version, definition }) => ({ id, version, ...definition })),
    'notification-channels.json': channels
      .list(scope)
      .map(({ id, kind, name, isActive, config, quietHours, ratePerMinute }) => ({
        ...{ id, kind, name, is_active: isActive, config },
        ...{ quiet_hours: quietHours, rate_per_minute: ratePerMinute },
      })),
    'users.json': accounts.members
      .list(scope, ALL)
      .map(({ email, name, role, permissions, isActive }) => ({ email, name, role, permissions, is_active: isActive })),
    'device-credentials.json': accounts.deviceCredentials
      .list(scope, ALL)
      .map(({ name, username, deviceKeys }) => ({ name, username, devices: deviceKeys === '*' ? ['*'] : deviceKeys })),
    'api-keys.json': accounts.apiKeys.list(scope, ALL).map(({ name, role, permissions, madeBy, expiresAt }) => ({
      name,
      role,
      permissions,
      made_by: madeBy,
      expires_at: isoTime(expiresAt),
    })),
  };
}

/** Makes the ZIP files of factories, archived ones too. */
export const factoryArchives =
  (control: Control, exporter: Exporter, clock: Clock) => async (uuid: string, signal: AbortSignal) => {
    const scope = control.accounts.factories.scopeByUuid(uuid);
    if (scope === undefined) throw new AppError('not_found', 'not found');
    const devices = control.catalogue.all(scope).map(({ key, parameters }) => ({
      key,
      series: parameters.flatMap(({ name, kind, unit, ...series }) =>
        idsOf(series).map((seriesId) => ({ seriesId, parameter: name, kind, unit, device: key })),
      ),
    }));
    return archiveFactory({ exporter, clock }, scope, { documents: documentsOf(control, scope), devices }, signal);
  };

/** Sends invites by mail; undefined while no mail server is configured. */
export const inviteSender = (mailer: Mailer | undefined, factories: Pick<Factories, 'list'>): SendInvite | undefined =>
  mailer &&
  (({ email, invitedBy, expiresAt }, { factoryUuid, timezone }, url) => {
    const factoryName = factories.list().find(({ scope }) => scope.factoryUuid === factoryUuid)?.name ?? '';
    return mailer.send(inviteMail({ to: email, invitedBy, factoryName, url, expiresAt, timezone }));
  });

/** Who signs in to the broker: devices by their credentials, and programs that read along by an API key. */
export const senderBy =
  ({ apiKeys, deviceCredentials, factories }: Accounts) =>
  (username: string, password: string, address: string): DeviceIdentity | undefined => {
    if (username !== KEY_USERNAME) {
      const device = deviceCredentials.authenticate(username, password);
      const factory = device && factories.byNumber(device.scope.factoryId);
      return device && { ...device, isArchived: factory?.archivedAt !== null };
    }
    const key = apiKeys.authenticate(password, address);
    if (key === undefined) return undefined;
    const { keyId, keyName, factory } = key;
    return {
      scope: factory.scope,
      credentialId: keyId,
      name: keyName,
      deviceKeys: [],
      isReader: true,
      isStillAllowed: () => apiKeys.current(keyId) !== undefined,
    };
  };

/**
 * Brings the control database up to the historian's registry, but for what was removed, and the live state up to both.
 *
 * @returns series that a removal before this start has not erased yet, and the number the next new series gets
 */
export function restore(control: Control, live: LiveState, opened: OpenedHistory, now: number) {
  const forgotten = control.removals.pending();
  const forgottenIds = new Set(forgotten.map(({ seriesId }) => seriesId));
  const series = opened.series.filter(({ seriesId }) => !forgottenIds.has(seriesId));
  const admissionOf = (factoryId: number) => control.accounts.factories.byNumber(factoryId)?.deviceAdmission ?? 'open';
  const { devices, activeSeries, aliases, merged } = control.devices.reconcile(series, admissionOf);
  const isActive = (seriesId: number) => activeSeries.has(seriesId);
  restoreLiveState(live, { series, latest: opened.latest, devices, aliases, merged, isActive, now });
  // A series may have been removed before it was ever stored: its number, too, stays its own.
  const nextSeriesId = forgotten.reduce((next, { seriesId }) => Math.max(next, seriesId + 1), opened.nextSeriesId);
  return { forgotten, nextSeriesId };
}

/** Every device of every factory. */
export function* allDevices(live: LiveState) {
  for (const factoryId of live.factoryIds()) yield* live.devices(factoryId).values();
}

/** Stamp of a device's newest sample (epoch ms), or null. */
export function newestSampleAt(live: LiveState, scope: FactoryScope, key: string): number | null {
  const series = [...(live.device(scope.factoryId, key)?.series.values() ?? [])];
  const newest = Math.max(...series.map((item) => item.ts));
  return Number.isFinite(newest) ? newest : null;
}

/** Begins to watch who is online. */
export function startPresence(config: Config, clock: Clock, live: LiveState, control: Control, log: Log): Presence {
  const presence = createPresence({
    clock,
    limits: {
      staleAfterMs: config.devices.stale_after_s * 1_000,
      offlineAfterMs: config.devices.offline_after_s * 1_000,
    },
    devices: () => allDevices(live),
    record: control.devices.recordLastSeen,
    onFault: (error) => log.warn({ err: error }, 'the times of last messages could not be written'),
  });
  presence.start();
  return presence;
}

/** For `readyz`. */
export function healthChecks(ingest: Ingest, control: Control) {
  return [
    {
      name: 'ingest',
      check: () => {
        if (ingest.state === 'failing') throw new AppError('unavailable', `telemetry is not stored: ${ingest.fault}`);
      },
    },
    {
      name: 'database',
      check: () => void control.store.systemRead('check health', (sql) => sql.get('select 1')),
    },
  ];
}

/** One device at a time, in a thread apart from that of charts, which do not wait for it. */
const REPLAYS = { query_threads: 1, query_queue: 64, query_timeout_s: 3_600 };

/** Replays of rules over what is stored. @param stack - ends them */
export function openReplays({
  place,
  stack,
  ...parts
}: Omit<ReplaysParts, 'run'> & { readonly place: HistoryPlace; readonly stack: AsyncDisposableStack }): Replays {
  const pool = stack.adopt(createQueryPool({ place, limits: REPLAYS, behind: true }), (it) => it.close());
  return createReplays({
    ...parts,
    run: (task, signal) => {
      const progress = taskProgress();
      return { outcome: pool.run('replay_rule', task, signal, progress), fraction: () => progress.fraction };
    },
  });
}
