import { useLayoutEffect } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { DeviceCommand } from '../../api/schema.ts';
import { type Resource, useResource } from '../../state/resource.ts';
import { onStream, returns } from '../../state/stream.ts';
import { withCommand } from './command-list.ts';

/** Commands to a device, newest first; what becomes of them follows by the stream. */
export function useCommands(deviceId: string): Resource<readonly DeviceCommand[]> {
  const resource = useResource(`commands ${deviceId} ${returns.value}`, async (signal) => {
    const { items } = await call('GET /devices/{id}/commands', { path: { id: deviceId }, signal });
    return items as readonly DeviceCommand[];
  });
  const { data, set } = resource;
  useLayoutEffect(
    () =>
      onStream('command', (command) => {
        if (command.device_id === deviceId && data !== undefined) set(withCommand(data, command));
      }),
    [deviceId, data, set],
  );
  return resource;
}
