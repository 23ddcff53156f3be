import { effect } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { type ApiError, call } from '../../api/client.ts';
import type { Parameter } from '../../api/schema.ts';
import { liveDevice } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { returns } from '../../state/stream.ts';
import { inOrder, isNews, kindsOf } from '../known-parameters.ts';
import type { ParameterPatch } from './parameter-form.ts';

/** A list that does not know what comes is fetched again, but not at every value. */
const AGAIN_MS = 3_000;

export interface Parameters {
  /** By name; undefined until the first answer. */
  readonly all: readonly Parameter[] | undefined;
  readonly error: ApiError | undefined;
  reload(): void;
  /** Changes one and shows it. @throws {ApiError} */
  save(name: string, patch: ParameterPatch): Promise<Parameter>;
}

/** A device's parameters; those that it sends for the first time, or with another kind, are seen by themselves. */
export function useParameters(deviceId: string): Parameters {
  const { data, error, reload, set } = useResource(
    `parameters ${deviceId} ${returns.value}`,
    async (signal) => inOrder((await call('GET /devices/{id}/parameters', { path: { id: deviceId }, signal })).items),
    { keepsData: true },
  );
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let askedAt = Number.NEGATIVE_INFINITY;
    const ask = () => {
      waiting = undefined;
      askedAt = performance.now();
      reload();
    };
    const stop = effect(() => {
      const { values } = liveDevice(deviceId);
      const known = latest.current;
      if (known === undefined) return;
      const kinds = kindsOf(known);
      if ([...values].some(([name, { value }]) => isNews(kinds, name, value)))
        waiting ??= setTimeout(ask, Math.max(0, askedAt + AGAIN_MS - performance.now()));
    });
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }, [deviceId, reload]);
  const save = useCallback(
    async (name: string, patch: ParameterPatch) => {
      const saved = await call('PATCH /devices/{id}/parameters/{name}', { path: { id: deviceId, name }, body: patch });
      set((latest.current ?? []).map((parameter) => (parameter.name === name ? saved : parameter)));
      return saved;
    },
    [deviceId, set],
  );
  return { all: data, error, reload, save };
}
