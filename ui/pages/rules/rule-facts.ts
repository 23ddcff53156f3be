import { useEffect, useMemo } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { Device, Parameter, Rule } from '../../api/schema.ts';
import { useResource } from '../../state/resource.ts';
import { returns } from '../../state/stream.ts';
import { type Directory, useDirectory } from '../trends/directory.ts';
import { appliedTo, variedDevices } from './applied-devices.ts';
import { choicesOf, type DeviceParameters, knownOf, type ParameterChoice } from './parameter-choices.ts';
import type { RuleDraft } from './rule-draft.ts';
import type { Known } from './sentence.ts';

/** What the pages of rules know of the factory. */

export const allRules = (signal: AbortSignal): Promise<readonly Rule[]> =>
  everyPage((query) => call('GET /rules', { query, signal }));

/** All rules, for those that may be named in another. */
export const useOtherRules = (id: string | undefined): readonly Rule[] => {
  const { data } = useResource(`other rules ${returns.value}`, allRules, { keepsData: true });
  return useMemo(() => data?.filter((rule) => rule.id !== id) ?? [], [data, id]);
};

/** Devices whose parameters are asked for: there are few sorts of them, mostly, so that some of them say it all. */
export const ASKED = 16;

/** Parameters of at most `ASKED` devices, none until they are fetched; the same array as long as they are the same. */
export function useParameters(directory: Directory, asked: readonly Device[]): readonly DeviceParameters[] {
  useEffect(() => directory.want(asked), [asked, directory]);
  const lists = asked.map((device) => directory.parametersOf(device));
  return useMemo(
    () => asked.map(({ id }, place) => ({ id, parameters: lists[place] ?? [] })),
    [asked, ...Array.from({ length: ASKED }, (_, place) => lists[place])],
  );
}

export interface RuleFacts {
  /** All of the factory; undefined until the first answer. */
  readonly devices: readonly Device[] | undefined;
  /** Those that the rule is for. */
  readonly applied: readonly Device[];
  /** Parameters that those devices send. */
  readonly choices: readonly ParameterChoice[];
  readonly known: Known;
  /** Of one of the devices; undefined until they are known. */
  parametersOf(device: Device): readonly Parameter[] | undefined;
}

/** @param first - the device whose parameters are offered before those of others */
export function useRuleFacts(draft: RuleDraft, first: string | undefined): RuleFacts {
  const directory = useDirectory();
  const devices = directory.devices.data;
  const { device_ids, tags } = draft;
  const applied = useMemo(() => appliedTo({ device_ids, tags }, devices ?? []), [device_ids, tags, devices]);
  const asked = useMemo(() => variedDevices(applied, ASKED, first), [applied, first]);
  const parameters = useParameters(directory, asked);
  const choices = useMemo(() => choicesOf(parameters), [parameters]);
  const known = useMemo(() => knownOf(choices), [choices]);
  return { devices, applied, choices, known, parametersOf: directory.parametersOf };
}
