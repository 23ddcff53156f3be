import { useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import { Button } from '../../../components/button.tsx';
import { Failed, Skeleton } from '../../../components/feedback.tsx';
import { NewFactoryDialog } from '../../../components/new-factory.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useResource } from '../../../state/resource.ts';
import { text } from '../../../text/factories.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { FactoryTable } from './factory-table.tsx';

const Factories = () => {
  const [isMaking, setMaking] = useState(false);
  const { data, error, reload } = useResource('factories', (signal) =>
    everyPage((query) => call('GET /factories', { query, signal })),
  );
  // What each has stored: worth knowing before it is deleted, but nothing here waits for it.
  const storage = useResource('storage of factories', (signal) => call('GET /storage', { signal }));
  return (
    <SettingsPage
      part="factories"
      actions={
        <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
          {text.newFactory}
        </Button>
      }
    >
      <Panel title={text.factories} flush>
        {data === undefined ? (
          <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
        ) : (
          <FactoryTable factories={data} stored={storage.data?.factories} reload={reload} />
        )}
      </Panel>
      {isMaking && <NewFactoryDialog onClose={() => setMaking(false)} />}
    </SettingsPage>
  );
};

/** Settings, Factories: every factory of the appliance, those out of use too. */
export const FactoriesSettings = guarded('factories', Factories);
