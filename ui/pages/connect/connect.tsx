import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { ConnectionInfo } from '../../api/schema.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { now } from '../../state/clock.ts';
import { useQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { factory, may } from '../../state/session.ts';
import { text } from '../../text/connect.ts';
import { type Aim, fitting, type MadeCredential, wayOf } from './access.ts';
import { freeKey, isDeviceKey } from './device-key.ts';
import { FirstDevice } from './first-device.tsx';
import { NamePanel } from './name-panel.tsx';
import { NewsPanel } from './news-panel.tsx';
import { NothingArrives } from './nothing-arrives.tsx';
import { SnippetPanel } from './snippet-panel.tsx';
import { bareHost, LANGUAGES } from './snippets.ts';
import { useArrival } from './use-arrival.ts';
import { useNews } from './use-news.ts';
import { WaitingPanel } from './waiting.tsx';

/** After this long without a message, what may be in the way is listed. */
const PATIENCE_MS = 30_000;
/** The page looks for a free key among so many devices; above, M01 may be taken, which does no harm. */
const MAX_DEVICES = 500;
/** Also what waits, or is out of use, has its key. */
const STANDINGS = ['active', 'pending', 'retired', 'rejected'] as const;
const HOST = bareHost(location.hostname);

/** The device key in the address; a free one is put there when there is none. */
function useDeviceKey(): readonly [key: string, set: (key: string) => void, another: () => void] {
  const { values, set } = useQuery();
  const suggest = () => {
    const listed = STANDINGS.map((standing) => call('GET /devices', { query: { limit: MAX_DEVICES, standing } }));
    Promise.all(listed).then(
      (lists) => {
        const taken = lists.flatMap(({ items }) => items.map(({ key }) => key));
        set({ key: freeKey(new Set(taken)) }, { replace: true });
      },
      () => set({ key: 'M01' }, { replace: true }),
    );
  };
  // Typed, not in the address alone: an emptied field stays empty.
  const [typed, setTyped] = useState(values.key);
  useEffect(() => {
    if (values.key === undefined && typed === undefined) suggest();
  }, []);
  const change = (key: string) => {
    setTyped(key);
    set({ key }, { replace: true });
  };
  const another = () => {
    setTyped(undefined);
    suggest();
  };
  return [typed ?? values.key ?? '', change, another];
}

const Connecting = ({ info }: { info: ConnectionInfo }) => {
  const { values, set } = useQuery();
  const [key, setKey, another] = useDeviceKey();
  const [made, setMade] = useState<readonly MadeCredential[]>([]);
  const way = wayOf(values.way, info, HOST);
  const credential = fitting(made, way, key);
  const aim: Aim = { info, host: HOST, way, key, credential };
  const deviceKey = isDeviceKey(key) ? key : undefined;
  const arrival = useArrival(deviceKey);
  const news = useNews({ key, slug: info.factory_slug, username: credential?.username });
  const isLate = deviceKey !== undefined && !arrival.hasArrived && now.value - arrival.since > PATIENCE_MS;
  return (
    <div class="grid cn">
      <div class="stack">
        <NamePanel
          aim={aim}
          onKey={setKey}
          onWay={(chosen) => set({ way: chosen }, { replace: true })}
          onMade={(one) => setMade([...made, one])}
          onAnother={() => setMade(made.filter((one) => one !== credential))}
        />
        <SnippetPanel
          aim={aim}
          language={LANGUAGES.find((one) => one === values.lang) ?? 'shell'}
          onLanguage={(lang) => set({ lang }, { replace: true })}
        />
      </div>
      <div class="stack">
        <WaitingPanel deviceKey={deviceKey} arrival={arrival} onAnother={another} />
        <NewsPanel news={news} />
        {isLate && <NothingArrives aim={aim} />}
      </div>
    </div>
  );
};

const NotAllowed = () => (
  <section class="panel">
    <Empty icon="key" title={text.notAllowedTitle} action={<ButtonLink href="/devices">{text.devices}</ButtonLink>}>
      {text.notAllowedBody(factory.value?.name ?? '')}
    </Empty>
  </section>
);

const Allowed = () => {
  const { data, error, reload } = useResource('connection-info', (signal) => call('GET /connection-info', { signal }));
  if (data !== undefined) return <Connecting info={data} />;
  return (
    <Panel title={text.nameTitle}>{error ? <Failed error={error} retry={reload} /> : <Skeleton lines={6} />}</Panel>
  );
};

/** From nothing to the first message: a name, a credential, the command, and what the broker says to it. */
export const Connect = () => {
  const isFirst = useQuery().values.first === '1';
  return (
    <Page title={text.title} crumbs={[[text.devices, '/devices']]}>
      {isFirst && <FirstDevice />}
      {may('devices') ? <Allowed /> : <NotAllowed />}
    </Page>
  );
};
