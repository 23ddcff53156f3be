import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { DeviceCredential } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { SearchBox } from '../../../components/search-box.tsx';
import { registryVersion } from '../../../state/live.ts';
import { useResource } from '../../../state/resource.ts';
import { text } from '../../../text/credentials.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { AdmissionPanel } from './admission-panel.tsx';
import { CredentialTable } from './credential-table.tsx';
import { type CredentialTask, CredentialTasks } from './credential-tasks.tsx';
import { NewCredential } from './new-credential.tsx';

const EVERY_MS = 15_000;
const NONE: readonly string[] = [];

/** Whether a credential has what was typed in its name or in one of its devices. */
function isMeant(typed: string): (credential: DeviceCredential) => boolean {
  const wanted = typed.trim().toLowerCase();
  return ({ username, devices }) => [username, ...devices].some((word) => word.toLowerCase().includes(wanted));
}

/** Keys of the factory's devices; none until they are there. */
function useKnownKeys(): readonly string[] {
  const { data } = useResource(
    `known keys ${registryVersion.value}`,
    async (signal) => {
      const devices = await everyPage((query) => call('GET /devices', { query, signal }));
      return devices.map(({ key }) => key);
    },
    { keepsData: true },
  );
  return data ?? NONE;
}

const Credentials = () => {
  const [isMaking, setMaking] = useState(false);
  const [task, setTask] = useState<CredentialTask>();
  const [typed, setTyped] = useState('');
  const known = useKnownKeys();
  const { data, error, reload } = useResource(
    'device-credentials',
    (signal) => everyPage((query) => call('GET /device-credentials', { query, signal })),
    { everyMs: EVERY_MS },
  );
  const shown = useMemo(() => data?.filter(isMeant(typed)) ?? [], [data, typed]);
  const make = (
    <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
      {text.make}
    </Button>
  );
  const isEmpty = data?.length === 0;
  return (
    <SettingsPage part="credentials" {...(!isEmpty && { actions: make })}>
      <Panel
        title={text.title}
        flush
        side={
          !isEmpty && (
            <span class="set__q">
              <SearchBox label={text.searchLabel} placeholder={text.search} value={typed} onInput={setTyped} />
            </span>
          )
        }
      >
        {data === undefined && (
          <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
        )}
        {isEmpty && (
          <Empty icon="key" title={text.noneTitle} action={make}>
            {text.noneBody}
          </Empty>
        )}
        {data !== undefined && !isEmpty && shown.length === 0 && (
          <Empty
            icon="search"
            title={text.noneFound}
            action={<Button onClick={() => setTyped('')}>{text.clear}</Button>}
          />
        )}
        {shown.length > 0 && <CredentialTable credentials={shown} begin={setTask} />}
      </Panel>
      <AdmissionPanel />
      {isMaking && <NewCredential known={known} onClose={() => setMaking(false)} onMade={reload} />}
      {task !== undefined && (
        <CredentialTasks task={task} known={known} onClose={() => setTask(undefined)} onDone={reload} />
      )}
    </SettingsPage>
  );
};

/** Settings, Device credentials: with what devices sign in, and which new ones the factory takes. */
export const CredentialsSettings = guarded('credentials', Credentials);
