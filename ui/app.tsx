import { effect } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import lazy, { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { Button, ButtonLink } from './components/button.tsx';
import { Empty } from './components/feedback.tsx';
import { Page } from './components/page.tsx';
import { Shell } from './components/shell.tsx';
import { Devices } from './pages/devices/devices.tsx';
import { Overview } from './pages/overview/overview.tsx';
import { SignIn } from './pages/sign-in/sign-in.tsx';
import { followAlarms } from './state/alarms.ts';
import { followClock } from './state/appliance-clock.ts';
import { followLiveValues } from './state/live.ts';
import { followNotices } from './state/notices.ts';
import { beginAnew, factory, otherFactoryOf, phase } from './state/session.ts';
import { openStream } from './state/stream.ts';
import { followSummary } from './state/summary.ts';
import { text } from './text/shell.ts';

// Two chunks beside the first, and not one for each page: what pages share would be split into many small files.
const firstRun = () => import('./pages/first-run.ts');
const withCharts = () => import('./pages/with-charts.ts');
/** The first page is drawn by then (ms). */
const CHARTS_AHEAD_MS = 1_500;

/**
 * A page of another chunk. One that cannot be fetched, because the line is down or another build is served by now, comes
 * with a fresh start: browsers may remember the failure, and would not fetch it again.
 */
const pageOf = <Chunk,>(load: () => Promise<Chunk>, pick: (chunk: Chunk) => ComponentType) =>
  lazy(() => load().then(pick, beginAnew));

const Setup = pageOf(firstRun, ({ Setup }) => Setup);
const NoFactory = pageOf(firstRun, ({ NoFactory }) => NoFactory);
const OtherFactory = pageOf(firstRun, ({ OtherFactory }) => OtherFactory);
const Connect = pageOf(firstRun, ({ Connect }) => Connect);
const StorageSettings = pageOf(firstRun, ({ StorageSettings }) => StorageSettings);
const TransferSettings = pageOf(firstRun, ({ TransferSettings }) => TransferSettings);
const ImportPage = pageOf(firstRun, ({ ImportPage }) => ImportPage);
const ConnectionsSettings = pageOf(firstRun, ({ ConnectionsSettings }) => ConnectionsSettings);
const CredentialsSettings = pageOf(firstRun, ({ CredentialsSettings }) => CredentialsSettings);
const UsersSettings = pageOf(firstRun, ({ UsersSettings }) => UsersSettings);
const ChannelsSettings = pageOf(firstRun, ({ ChannelsSettings }) => ChannelsSettings);
const KeysSettings = pageOf(firstRun, ({ KeysSettings }) => KeysSettings);
const CertificatesSettings = pageOf(firstRun, ({ CertificatesSettings }) => CertificatesSettings);
const FactoriesSettings = pageOf(firstRun, ({ FactoriesSettings }) => FactoriesSettings);
const LoginsSettings = pageOf(firstRun, ({ LoginsSettings }) => LoginsSettings);
const AuditSettings = pageOf(firstRun, ({ AuditSettings }) => AuditSettings);
const Profile = pageOf(firstRun, ({ Profile }) => Profile);
const Invite = pageOf(firstRun, ({ Invite }) => Invite);
const ResetPassword = pageOf(firstRun, ({ ResetPassword }) => ResetPassword);
const Device = pageOf(withCharts, ({ Device }) => Device);
const Trends = pageOf(withCharts, ({ Trends }) => Trends);
const Alarms = pageOf(withCharts, ({ Alarms }) => Alarms);
const AlarmPage = pageOf(withCharts, ({ AlarmPage }) => AlarmPage);
const Rules = pageOf(withCharts, ({ Rules }) => Rules);
const Rule = pageOf(withCharts, ({ Rule }) => Rule);
const Kiosk = pageOf(withCharts, ({ Kiosk }) => Kiosk);

const NotFound = () => (
  <Page title={text.notFoundTitle}>
    <Empty icon="search" title={text.notFoundTitle} action={<ButtonLink href="/">{text.goToOverview}</ButtonLink>}>
      {text.notFoundBody}
    </Empty>
  </Page>
);

const Unreachable = () => (
  <main class="alone">
    <Empty icon="warning" title={text.unreachableTitle}>
      {text.unreachableBody}
    </Empty>
  </main>
);

const Crashed = ({ error }: { error: Error }) => (
  <main class="alone">
    <Empty
      icon="warning"
      title={text.crashedTitle}
      action={<Button onClick={() => location.reload()}>{text.reload}</Button>}
    >
      {text.crashedBody}
    </Empty>
    <pre class="mono small muted">{error.message}</pre>
  </main>
);

/** What every page of a factory lives on: its stream, its live values, its summary. */
function useFactoryData(): void {
  useEffect(
    () =>
      effect(() => {
        if (factory.value === null) return undefined;
        const stops = [
          followLiveValues(),
          followAlarms(),
          followNotices(),
          openStream(),
          followSummary(),
          followClock(),
        ];
        // So that a click on a device shows it at once, and not after a download.
        const ahead = setTimeout(() => withCharts().catch(() => {}), CHARTS_AHEAD_MS);
        return () => {
          clearTimeout(ahead);
          for (const stop of stops.toReversed()) stop();
        };
      }),
    [],
  );
}

const Pages = () => (
  <Router>
    <Route path="/" component={Overview} />
    <Route path="/devices" component={Devices} />
    <Route path="/devices/:id" component={Device} />
    <Route path="/connect" component={Connect} />
    <Route path="/trends" component={Trends} />
    <Route path="/alarms" component={Alarms} />
    <Route path="/alarms/:id" component={AlarmPage} />
    <Route path="/rules" component={Rules} />
    <Route path="/rules/:id" component={Rule} />
    <Route path="/settings/storage" component={StorageSettings} />
    <Route path="/settings/transfer" component={TransferSettings} />
    <Route path="/settings/transfer/:id" component={ImportPage} />
    <Route path="/settings/connections" component={ConnectionsSettings} />
    <Route path="/settings/credentials" component={CredentialsSettings} />
    <Route path="/settings/users" component={UsersSettings} />
    <Route path="/settings/channels" component={ChannelsSettings} />
    <Route path="/settings/keys" component={KeysSettings} />
    <Route path="/settings/certificates" component={CertificatesSettings} />
    <Route path="/settings/factories" component={FactoriesSettings} />
    <Route path="/settings/logins" component={LoginsSettings} />
    <Route path="/settings/audit" component={AuditSettings} />
    <Route path="/profile" component={Profile} />
    <Route default component={NotFound} />
  </Router>
);

/** Where links lead that somebody was handed, whoever is signed in. */
const LINKS: Readonly<Record<string, ComponentType>> = { '/invite': Invite, '/reset-password': ResetPassword };

const Faces = () => {
  useFactoryData();
  const { path, query } = useLocation();
  const current = phase.value;
  const { name } = current;
  if (name === 'starting') return null;
  if (name === 'unreachable') return <Unreachable />;
  if (name === 'setup') return <Setup />;
  const Linked = LINKS[path];
  if (Linked !== undefined) return <Linked />;
  if (current.name === 'signed_out') return <SignIn hasEnded={current.hasEnded === true} />;
  if (otherFactoryOf(query.factory) !== undefined) return <OtherFactory />;
  if (factory.value === null) return <NoFactory />;
  const isKiosk = new URLSearchParams(location.search).get('kiosk') === '1';
  return isKiosk ? (
    <Kiosk />
  ) : (
    <Shell>
      <Pages />
    </Shell>
  );
};

/** The application: the face that is due, and its pages. */
export const App = () => {
  const [error, setError] = useState<Error>();
  if (error !== undefined) return <Crashed error={error} />;
  return (
    <LocationProvider>
      <ErrorBoundary onError={setError}>
        <Faces />
      </ErrorBoundary>
    </LocationProvider>
  );
};
