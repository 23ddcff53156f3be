import { statSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { actAsOwner, dataDirAt } from '../store/data-dir.ts';
import { checkAudit } from './audit.ts';
import { checkCertificates } from './certificates.ts';
import { checkClock, checkDataDirectory, checkDisk } from './data-directory.ts';
import { checkClockTrust, checkDatabases, checkHistory, checkPasswords } from './databases.ts';
import { type CheckName, type Finding, failure, warning } from './finding.ts';
import { checkLibraries } from './libraries.ts';
import { checkListeners } from './listeners.ts';
import { checkMessaging } from './messaging.ts';
import { checkPorts } from './ports.ts';

export type { CheckName, Finding, Level } from './finding.ts';

/**
 * Looks at the installation and the data: what it finds comes one by one, as each check may take a while. Also while the
 * appliance is running. Changes nothing, but for damaged libraries, which it replaces. Started by root it looks with the
 * rights of the data directory's owner.
 */
export async function* examine(config: Config, clock: Clock): AsyncGenerator<Finding> {
  const directory = dataDirAt(config.data_dir);
  actAsOwner(directory.root);
  const checks: readonly (readonly [CheckName, () => Finding[] | Promise<Finding[]>])[] = isMissing(directory.root)
    ? [
        ['data_directory', () => [missing(directory.root)]],
        ['clock', () => checkClock(clock, directory)],
        ['ports', () => checkPorts(config, directory)],
        ['listeners', () => checkListeners(config)],
        ['mqtt', () => checkMessaging(config)],
      ]
    : [
        ['data_directory', () => checkDataDirectory(directory)],
        ['disk', () => checkDisk(directory)],
        ['clock', () => [...checkClock(clock, directory), ...checkClockTrust(directory)]],
        ['ports', () => checkPorts(config, directory)],
        ['listeners', () => checkListeners(config)],
        ['certificates', () => checkCertificates(config, directory, clock)],
        ['libraries', () => checkLibraries(config, directory)],
        ['databases', () => checkDatabases(directory)],
        ['history', () => checkHistory(directory)],
        ['passwords', () => checkPasswords(directory)],
        ['audit', () => checkAudit(directory)],
        ['mqtt', () => checkMessaging(config)],
      ];
  for (const [name, check] of checks) {
    try {
      yield* await check();
    } catch (error) {
      const message = error instanceof AppError ? error.message : `this could not be looked at: ${String(error)}`;
      yield failure(name, message, 'see to this first, then look again');
    }
  }
}

/** What cannot even be looked for is another finding. */
function isMissing(root: string): boolean {
  try {
    return statSync(root, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

const missing = (root: string): Finding =>
  warning(
    'data_directory',
    `there is no data directory ${root} yet`,
    'start the appliance, or name it with --data-dir',
  );
