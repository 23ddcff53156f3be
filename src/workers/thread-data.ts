import type { HistoryPlace } from '../historian/historian.ts';
import type { EngineOptions } from '../rules/rules.ts';

/** Where the simulator publishes, and as whom. */
export interface SimulatorTarget {
  readonly url: string;
  readonly factorySlug: string;
  readonly username: string;
  readonly password: string;
}

/** What a thread is told when it starts, and by which it knows what it is. */
export type ThreadData =
  | { readonly role: 'writer' }
  /** `behind`: what it does gives way to telemetry and to charts. */
  | { readonly role: 'query'; readonly place: HistoryPlace; readonly behind: boolean }
  | { readonly role: 'rules'; readonly options: EngineOptions; readonly hotDb: string }
  | { readonly role: 'simulator'; readonly target: SimulatorTarget };

/** @throws {TypeError} in a thread that was started by someone else */
export function readThreadData(data: unknown): ThreadData {
  if (typeof data === 'object' && data !== null && 'role' in data) {
    if (data.role === 'writer') return { role: 'writer' };
    if (data.role === 'query' && 'place' in data)
      return { role: 'query', place: data.place as HistoryPlace, behind: 'behind' in data && data.behind === true };
    if (data.role === 'rules' && 'options' in data && 'hotDb' in data) {
      return { role: 'rules', options: data.options as EngineOptions, hotDb: String(data.hotDb) };
    }
    if (data.role === 'simulator' && 'target' in data) {
      return { role: 'simulator', target: data.target as SimulatorTarget };
    }
  }
  throw new TypeError('this file is the entry of threads that workers/ starts');
}
