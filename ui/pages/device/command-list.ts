import type { DeviceCommand } from '../../api/schema.ts';

type Parameters = DeviceCommand['parameters'];

/** What was typed, as a JSON object; undefined for anything else. Nothing is an empty one. */
export function parametersIn(typed: string): Parameters | undefined {
  if (typed.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(typed);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Parameters) : undefined;
  } catch {
    return undefined;
  }
}

/** A list with one command as it is now: in its place, or as the newest. */
export function withCommand(commands: readonly DeviceCommand[], changed: DeviceCommand): readonly DeviceCommand[] {
  const isKnown = commands.some(({ id }) => id === changed.id);
  return isKnown ? commands.map((one) => (one.id === changed.id ? changed : one)) : [changed, ...commands];
}
