import { alarmRoutes } from './alarm-wiring.ts';
import { auditRoutes } from './api/routes/audit.ts';
import { clockRoutes } from './api/routes/clock.ts';
import { connectionInfoRoutes } from './api/routes/connection-info.ts';
import { dashboardRoutes } from './api/routes/dashboard.ts';
import { deviceCertificateRoutes } from './api/routes/device-certificates.ts';
import { deviceOverviewRoutes } from './api/routes/device-overview.ts';
import { deviceStandingRoutes } from './api/routes/device-standing.ts';
import { deviceRoutes } from './api/routes/devices.ts';
import { exportRoutes } from './api/routes/export.ts';
import { factoryUseRoutes } from './api/routes/factories.ts';
import { historyRoutes } from './api/routes/history.ts';
import { importRoutes } from './api/routes/imports.ts';
import { kpiRoutes } from './api/routes/kpis.ts';
import { refusalRoutes } from './api/routes/refusals.ts';
import { retentionRoutes } from './api/routes/retention.ts';
import { ruleRunRoutes } from './api/routes/rule-runs.ts';
import { ruleRoutes } from './api/routes/rules.ts';
import { sparklineRoutes } from './api/routes/sparklines.ts';
import { storageRoutes } from './api/routes/storage.ts';
import { streamRoutes } from './api/routes/stream.ts';
import { tlsRoutes } from './api/routes/tls.ts';
import { verificationRoutes } from './api/routes/verification.ts';
import type { Config } from './config/config.ts';
import type { Control } from './control.ts';
import { deviceTalkRoutes } from './device-wiring.ts';
import { type NotifyDesk, notifyRoutes } from './notify-wiring.ts';
import { factoryArchives } from './wiring.ts';

type Deps<Routes extends (deps: never) => unknown> = Parameters<Routes>[0];
type TalkDeps = Parameters<typeof deviceTalkRoutes>;

/** What the routes of the domains ask for, by the names that the composition root gives it. */
export interface ApplianceParts
  extends Omit<Deps<typeof storageRoutes>, 'factories' | 'budget' | 'retention'>,
    Pick<Deps<typeof dashboardRoutes>, 'live' | 'presence' | 'rate' | 'clock'>,
    Pick<Deps<typeof historyRoutes>, 'historian'>,
    Pick<Deps<typeof exportRoutes>, 'exporter'>,
    Pick<Deps<typeof ruleRunRoutes>, 'replays' | 'explain' | 'faultOf'>,
    Pick<Deps<typeof deviceStandingRoutes>, 'hub' | 'removal' | 'merging'>,
    Pick<Deps<typeof tlsRoutes>, 'tls'> {
  readonly config: Config;
  readonly control: Control;
  readonly retention: Deps<typeof storageRoutes>['retention'] & Deps<typeof retentionRoutes>['retention'];
  readonly audit: Deps<typeof auditRoutes>['audit'];
  readonly watch: Deps<typeof clockRoutes>['watch'] & { doubtsIn: Deps<typeof historyRoutes>['doubtsIn'] };
  readonly guard: Deps<typeof clockRoutes>['guard'];
  readonly hub: Deps<typeof streamRoutes>['hub'];
  readonly imports: Deps<typeof importRoutes> & { isRunning: Deps<typeof factoryUseRoutes>['isImporting'] };
  readonly broker: TalkDeps[1];
  readonly talk: TalkDeps[2];
  readonly desk: Parameters<typeof alarmRoutes>[0];
  readonly notify: NotifyDesk;
  readonly refusals: TalkDeps[3] & Deps<typeof refusalRoutes>['refusals'];
  readonly deviceCertificates: Deps<typeof deviceCertificateRoutes>;
  readonly budgetBytes: Deps<typeof storageRoutes>['budget'];
}

/** The routes of the domains, beside those that the server has itself. */
export function applianceRoutes(parts: ApplianceParts) {
  const { config, control, clock, watch, live, hub, presence, rate, historian, exporter, imports, removal } = parts;
  const { accounts, catalogue, devices } = control;
  const { factories } = accounts;
  return [
    ...dashboardRoutes({
      live,
      presence,
      rate,
      clock,
      alarms: parts.desk.alarms,
      storage: () => ({ bytes: parts.sizes().all, daysLeft: parts.stock.daysLeft }),
    }),
    ...storageRoutes({ ...parts, factories: factories.list, budget: parts.budgetBytes }),
    ...verificationRoutes(parts),
    ...auditRoutes(parts),
    ...retentionRoutes({ factories, retention: parts.retention }),
    ...clockRoutes({ guard: parts.guard, watch }),
    ...deviceOverviewRoutes({ catalogue, live, hub, presence }),
    ...sparklineRoutes({ catalogue, live, hub, historian, clock }),
    ...historyRoutes({ catalogue, historian, clock, doubtsIn: watch.doubtsIn }),
    ...exportRoutes({ catalogue, exporter, clock }),
    ...importRoutes(imports),
    ...ruleRunRoutes({ ...parts, rules: control.rules, catalogue }),
    ...ruleRoutes({ rules: control.rules, faultOf: parts.faultOf }),
    ...deviceRoutes({ devices, live, presence, removal, removing: parts.desk.removing }),
    ...deviceStandingRoutes({ ...parts, factories, devices, retired: parts.desk.retired }),
    ...kpiRoutes({ catalogue, live, hub, presence }),
    ...connectionInfoRoutes({ config, ports: () => parts.broker.ports, tls: parts.tls.status }),
    ...tlsRoutes({ config, tls: parts.tls }),
    ...deviceCertificateRoutes(parts.deviceCertificates),
    ...refusalRoutes({ devices, refusals: parts.refusals }),
    ...deviceTalkRoutes(control, parts.broker, parts.talk, parts.refusals),
    ...factoryUseRoutes({
      accounts,
      removal,
      isImporting: imports.isRunning,
      archiveOf: factoryArchives(control, exporter, clock),
    }),
    ...alarmRoutes(parts.desk, parts.guard.trustedNow),
    ...notifyRoutes(control, parts.notify),
    ...streamRoutes({
      hub,
      presence,
      commands: parts.talk.commands,
      alarms: parts.desk.alarms,
      notifications: parts.notify.notifications,
    }),
  ];
}
