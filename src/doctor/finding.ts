/** What was looked at. */
export type CheckName =
  | 'libraries'
  | 'data_directory'
  | 'disk'
  | 'ports'
  | 'listeners'
  | 'certificates'
  | 'clock'
  | 'databases'
  | 'history'
  | 'passwords'
  | 'audit'
  | 'mqtt';

/** `warning`: it works, but should be seen to; `error`: it does not work, or data is in danger. */
export type Level = 'ok' | 'warning' | 'error';

/** One thing that was looked at, and what to do about it. */
export interface Finding {
  readonly check: CheckName;
  readonly level: Level;
  readonly message: string;
  /** Null when there is nothing to do. */
  readonly remedy: string | null;
}

export const fine = (check: CheckName, message: string): Finding => ({ check, level: 'ok', message, remedy: null });

export const warning = (check: CheckName, message: string, remedy: string): Finding => ({
  check,
  level: 'warning',
  message,
  remedy,
});

export const failure = (check: CheckName, message: string, remedy: string): Finding => ({
  check,
  level: 'error',
  message,
  remedy,
});
