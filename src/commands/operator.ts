import { userInfo } from 'node:os';
import { withinAct } from '../core/act.ts';
import { newId } from '../core/ids.ts';

/** A user of this machine, as far as it has a name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** An action of a command, on behalf of whoever sits at this machine, so that the audit says so. */
export const byOperator =
  <Args extends readonly unknown[], T>(action: (...args: Args) => T) =>
  (...args: Args): T =>
    withinAct(
      {
        actor: { kind: 'command_line', id: String(process.getuid?.() ?? ''), name: nameOfUser() },
        address: 'localhost',
        requestId: newId(),
      },
      () => action(...args),
    );
