import type { Command } from 'commander';
import { ROLES, type Role } from '../accounts/accounts.ts';
import { openControl } from '../control.ts';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { createLog } from '../core/log.ts';
import { byOperator } from './operator.ts';
import { type CommonOptions, configFrom, withCommonOptions } from './options.ts';
import { readStdin } from './run.ts';

interface AddOptions extends CommonOptions {
  readonly passwordStdin?: boolean;
  readonly name?: string;
  readonly factory?: string;
  readonly role: string;
  readonly superAdmin?: boolean;
}

const open = (options: CommonOptions) => {
  const config = configFrom(options);
  return openControl(config, { clock: systemClock, log: createLog(config.log.level) });
};

async function passwordFrom(given: boolean | undefined, command: string): Promise<string> {
  if (given === true) return readStdin();
  throw new AppError('usage', `pass the password on standard input: … | factoryops user ${command} --password-stdin`);
}

function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new AppError('usage', `there is no role ${text}: take ${ROLES.join(', ')}`);
  return role;
}

/** `user`: the way back in, for whoever sits at the machine. The appliance must be stopped. */
export function register(program: Command): void {
  const user = program.command('user').description('logins, without the appliance running: add, reset-password, list');

  withCommonOptions(user.command('add <email>').description('add a login'))
    .option('--password-stdin', 'read the password from standard input')
    .option('--name <name>', 'what it is shown as')
    .option('--factory <slug>', 'let it into this factory')
    .option('--role <role>', `what it may do there: ${ROLES.join(', ')}`, 'viewer')
    .option('--super-admin', 'make it an owner of the appliance')
    .action(
      byOperator(async (email: string, options: AddOptions) => {
        const role = roleOf(options.role);
        const password = await passwordFrom(options.passwordStdin, 'add');
        using control = open(options);
        const { factories, users } = control.accounts;
        const scope = options.factory === undefined ? undefined : factories.scopeBySlug(options.factory);
        if (options.factory !== undefined && scope === undefined) {
          throw new AppError('not_found', `there is no factory ${options.factory}`);
        }
        await users.add({
          email,
          password,
          name: options.name,
          isSuperAdmin: options.superAdmin === true,
          membership: scope && { scope, role },
        });
        process.stdout.write(`added: ${email}\n`);
      }),
    );

  withCommonOptions(
    user
      .command('reset-password <email>')
      .description('set a new password, take a second factor away, let the login in again and end its sessions'),
  )
    .option('--password-stdin', 'read the password from standard input')
    .action(
      byOperator(async (email: string, options: AddOptions) => {
        const password = await passwordFrom(options.passwordStdin, 'reset-password');
        using control = open(options);
        await control.accounts.users.resetPassword(email, password);
        process.stdout.write(`the password of ${email} is set; sessions have ended\n`);
      }),
    );

  withCommonOptions(user.command('list').description('all logins of the appliance')).action(
    (options: CommonOptions) => {
      using control = open(options);
      for (const { email, name, isSuperAdmin, isActive } of control.accounts.users.list()) {
        const marks = [isSuperAdmin ? 'owner' : '', isActive ? '' : 'barred'].filter(Boolean).join(', ');
        process.stdout.write(`${email}\t${name}${marks === '' ? '' : `\t${marks}`}\n`);
      }
    },
  );
}
