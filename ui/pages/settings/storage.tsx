import { useEffect, useState } from 'preact/hooks';
import { call, type Reply } from '../../api/client.ts';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { useResource } from '../../state/resource.ts';
import { factory, isOwner, may } from '../../state/session.ts';
import { text } from '../../text/storage.ts';
import { BackgroundWork } from './background-work.tsx';
import { Damage } from './damage.tsx';
import { Kept } from './kept.tsx';
import { SettingsTabs } from './settings-tabs.tsx';
import { Space } from './space.tsx';
import { FactoriesTable, StoredTable } from './stored.tsx';

export type Storage = Reply<'GET /storage'>;

const EVERY_MS = 10_000;
/** While somebody watches a verification. */
const WATCHED_EVERY_MS = 1_000;

const Everything = ({ storage, reload }: { storage: Storage; reload: () => void }) => (
  <div class="stack sto">
    {storage.quarantined.length > 0 && <Damage storage={storage} reload={reload} />}
    <Space storage={storage} />
    <StoredTable storage={storage} />
    {storage.factories.length > 1 && <FactoriesTable factories={storage.factories} />}
    <Kept factories={storage.factories} reload={reload} />
    {storage.quarantined.length === 0 && <Damage storage={storage} reload={reload} />}
    <BackgroundWork storage={storage} />
  </div>
);

const Loaded = () => {
  const [isWatched, setWatched] = useState(false);
  const { data, error, reload } = useResource('storage', (signal) => call('GET /storage', { signal }), {
    everyMs: isWatched ? WATCHED_EVERY_MS : EVERY_MS,
  });
  const isRunning = data?.verification?.state === 'running';
  useEffect(() => setWatched(isRunning), [isRunning]);
  const count = data?.factories.length ?? 1;
  return (
    <Page
      title={text.title}
      sub={isOwner.value && count > 1 ? text.ofAll(count) : text.ofFactory(factory.value?.name ?? '')}
    >
      <SettingsTabs current="storage" />
      {data !== undefined && <Everything storage={data} reload={reload} />}
      {data === undefined && error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && (
        <Panel title={text.space}>
          <Skeleton lines={5} height="1.5rem" />
        </Panel>
      )}
    </Page>
  );
};

/** Settings, Storage: what is stored, how long the disk will do, and whether all of it is whole. */
export const StorageSettings = () =>
  may('admin') ? (
    <Loaded />
  ) : (
    <Page title={text.title}>
      <Empty icon="disk" title={text.onlyAdmins}>
        {text.onlyAdminsBody}
      </Empty>
    </Page>
  );
