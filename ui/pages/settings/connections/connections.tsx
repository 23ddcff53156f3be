import { SearchBox } from '../../../components/search-box.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { useQuery } from '../../../state/query.ts';
import { factory, isOwner } from '../../../state/session.ts';
import { text } from '../../../text/connections.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { Log } from './log.tsx';
import { Present } from './present.tsx';

const Connections = () => {
  const { values, set } = useQuery();
  const isLog = values.view === 'log';
  const isOfNobody = isOwner.value && values.of === 'nobody';
  const showsAll = values.kind === 'all';
  const q = values.q ?? '';
  return (
    <SettingsPage part="connections">
      <div class="row row--wrap conn__bar">
        <Segmented
          label={text.views}
          choices={[
            ['present', text.present],
            ['log', text.log],
          ]}
          current={isLog ? 'log' : 'present'}
          onChoose={(view) => set({ view: view === 'log' ? view : undefined, kind: undefined })}
        />
        {isLog && (
          <Segmented
            label={text.filter}
            choices={[
              ['problems', text.filters.problems],
              ['all', text.filters.all],
            ]}
            current={showsAll ? 'all' : 'problems'}
            onChoose={(kind) => set({ kind: kind === 'all' ? kind : undefined })}
          />
        )}
        {isOwner.value && (
          <Segmented
            label={text.whose}
            choices={[
              ['factory', text.ofFactory(factory.value?.name ?? '')],
              ['nobody', text.ofNobody],
            ]}
            current={isOfNobody ? 'nobody' : 'factory'}
            onChoose={(of) => set({ of: of === 'nobody' ? of : undefined })}
          />
        )}
        <span class="set__q conn__q">
          <SearchBox
            label={isLog ? text.searchLog : text.search}
            value={q}
            onInput={(words) => set({ q: words }, { replace: true })}
          />
        </span>
      </div>
      {isLog ? <Log isOfNobody={isOfNobody} showsAll={showsAll} q={q} /> : <Present isOfNobody={isOfNobody} q={q} />}
    </SettingsPage>
  );
};

/** Settings, MQTT connections: who is connected, and why connections were refused or ended. */
export const ConnectionsSettings = guarded('connections', Connections);
