import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { formatDuration, formatTime, zoneName } from '../format/time.ts';
import { now } from '../state/clock.ts';
import { chooseTheme, may, me, signOut, timezone } from '../state/session.ts';
import { connection, lastHeardAt } from '../state/stream.ts';
import { summary } from '../state/summary.ts';
import { THEMES, theme } from '../state/theme.ts';
import { toastError } from '../state/toasts.ts';
import { text } from '../text/shell.ts';
import { AccountBanners, ChangePassword } from './account.tsx';
import { AlarmBadge, AlarmStrip } from './alarm-strip.tsx';
import { FactorySwitcher, initialsOf } from './factory-switcher.tsx';
import { Icon, type IconName, Mark } from './icon.tsx';
import { Menu, MenuItem, Popover } from './menu.tsx';
import { NewFactoryDialog } from './new-factory.tsx';
import { addressOfPart, SETTINGS, settingsParts } from './settings-parts.ts';
import { Toasts } from './toasts.tsx';

/** On a phone there is room for five: there the rules are a tab of the alarms. */
const ALARMS = '/alarms';
const RULES = '/rules';
type Place = readonly [href: string, label: string, icon: IconName];
const PLACES: readonly Place[] = [
  ['/', text.overview, 'overview'],
  ['/devices', text.devices, 'devices'],
  ['/trends', text.trends, 'trends'],
  [ALARMS, text.alarms, 'alarms'],
  [RULES, text.rules, 'rules'],
];
/** The settings, if any part of them is open to the person: it leads to the first. */
const settings = (): readonly Place[] => {
  const [first] = settingsParts();
  return first === undefined ? [] : [[addressOfPart(first.id), text.settings, 'settings']];
};

const isIn = (href: string, path: string) => {
  const root = href.startsWith(`${SETTINGS}/`) ? SETTINGS : href;
  return root === '/' ? path === '/' : path === root || path.startsWith(`${root}/`);
};

/** How fresh the screen is. */
export const ConnectionState = () => {
  const age = now.value - lastHeardAt.value;
  const words =
    connection.value === 'reconnecting'
      ? text.connection.reconnecting(formatDuration(age))
      : text.connection[connection.value];
  return (
    <span class={connection.value === 'reconnecting' ? 'state state--offline' : 'state'} role="status">
      <Icon name={connection.value === 'reconnecting' ? 'warning' : 'wifi'} small />
      <span>{words}</span>
    </span>
  );
};

const FactoryClock = () => (
  <span>
    <b class="strong">{formatTime(now.value, 'time', timezone.value)}</b>{' '}
    <span class="muted wide">{zoneName(now.value, timezone.value)}</span>
  </span>
);

const DeviceCounts = () => {
  const counts = summary.value?.devices;
  if (counts === undefined) return <span class="strip__top" />;
  if (counts.total === 0) return <span class="strip__top soft">{text.noDevices}</span>;
  const isFine = counts.stale + counts.offline === 0;
  const label = isFine ? text.allOnline : text.offlineDevices(counts.stale, counts.offline);
  return (
    <a class="strip__top" href={isFine ? '/devices' : '/devices?status=attention'}>
      {isFine ? <span class="state">{label}</span> : <StatusLine words={label} isOffline={counts.offline > 0} />}
    </a>
  );
};

const StatusLine = ({ words, isOffline }: { words: string; isOffline: boolean }) => (
  <span class={`state state--${isOffline ? 'offline' : 'stale'}`}>
    <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="5.5" />
      {isOffline && <path d="M4.2 11.8l7.6-7.6" />}
    </svg>
    <span class="strip__msg">{words}</span>
  </span>
);

/** How many devices wait to be approved, for whom it is to do that. */
const PendingBadge = () => {
  const count = may('devices') ? (summary.value?.devices.pending ?? 0) : 0;
  return count === 0 ? null : (
    <span class="badge nav__badge">
      <span class="sr">{text.devicesWait(count)}</span>
      <span aria-hidden="true">{count}</span>
    </span>
  );
};

const AccountMenu = ({ close }: { close: () => void }) => {
  const { route } = useLocation();
  return (
    <Menu label={text.account}>
      {THEMES.map((id) => (
        <MenuItem key={id} isChosen={theme.value === id} onChoose={() => chooseTheme(id)}>
          <Icon name="moon" small />
          {text.themes[id]}
        </MenuItem>
      ))}
      <hr />
      <MenuItem
        onChoose={() => {
          close();
          route('/profile');
        }}
      >
        <Icon name="user" small />
        {text.profile}
      </MenuItem>
      <MenuItem onChoose={() => window.open('/api/docs', '_blank', 'noopener')}>
        <Icon name="book" small />
        {text.apiDocs}
      </MenuItem>
      <MenuItem onChoose={() => signOut().catch(toastError)}>
        <Icon name="signOut" small />
        {text.signOut}
      </MenuItem>
    </Menu>
  );
};

const AccountButton = ({ place }: { place: 'nav' | 'top' }) => {
  const user = me.value?.user;
  const name = user?.name ?? '';
  return (
    <Popover
      button={(attributes) => (
        <button
          type="button"
          {...attributes}
          class={place === 'nav' ? 'nav__btn nav__tall' : 'topbar__btn'}
          title={`${text.account}: ${name}`}
        >
          <span class="sr">{place === 'nav' ? text.account : `${text.account}: ${name}`}</span>
          <span class="avatar" aria-hidden="true">
            {initialsOf(name)}
          </span>
          {place === 'nav' && (
            <span class="nav__two">
              <span>{name}</span>
              <small>{user?.email}</small>
            </span>
          )}
        </button>
      )}
    >
      {(close) => <AccountMenu close={close} />}
    </Popover>
  );
};

function toggleRail(): void {
  const root = document.documentElement;
  const isFolded = root.dataset.nav === 'icons';
  if (isFolded) delete root.dataset.nav;
  else root.dataset.nav = 'icons';
  localStorage.setItem('nav', isFolded ? '' : 'icons');
}

/** The frame around every page: where one is, where one may go, and how fresh all this is. */
export const Shell = ({ children }: { children: ComponentChildren }) => {
  const { path } = useLocation();
  const [isChanging, setChanging] = useState(false);
  const changePassword = () => setChanging(true);
  const [isMaking, setMaking] = useState(false);
  const makeFactory = () => setMaking(true);
  const places = [...PLACES, ...settings()];
  const placeOf = ([href, label, icon]: Place, isHere: boolean) => (
    <a key={href} href={href} title={label} {...(isHere && { 'aria-current': 'page' })}>
      <Icon name={icon} />
      <span class="nav__label">{label}</span>
      {href === '/devices' && <PendingBadge />}
      {href === ALARMS && <AlarmBadge />}
    </a>
  );
  return (
    <>
      <a class="skip" href="#main">
        {text.skip}
      </a>
      <div class="shell">
        <div class="topbar">
          <FactorySwitcher place="top" makeFactory={makeFactory} />
          <span class="grow" />
          <ConnectionState />
          <AccountButton place="top" />
        </div>
        <header class="strip">
          <a class="strip__brand" href="/" aria-label={text.product}>
            <Mark />
            <span>{text.product}</span>
          </a>
          <AlarmStrip calm={<DeviceCounts />} />
          <span class="strip__side">
            <ConnectionState />
            <FactoryClock />
          </span>
        </header>
        <nav class="nav" aria-label={text.mainNavigation}>
          <FactorySwitcher place="nav" makeFactory={makeFactory} />
          {places.map((place) => placeOf(place, isIn(place[0], path)))}
          <span class="nav__gap" />
          <button type="button" class="nav__btn" title={text.collapse} onClick={toggleRail}>
            <Icon name="rail" />
            <span class="nav__label">{text.collapse}</span>
          </button>
          <AccountButton place="nav" />
        </nav>
        <main class="main" id="main" tabIndex={-1}>
          <AccountBanners changePassword={changePassword} />
          {children}
        </main>
        <nav class="bottombar" aria-label={text.mainNavigation}>
          {places
            .filter(([href]) => href !== RULES)
            .map((place) => placeOf(place, isIn(place[0], path) || (place[0] === ALARMS && isIn(RULES, path))))}
        </nav>
      </div>
      {isChanging && <ChangePassword onClose={() => setChanging(false)} />}
      {isMaking && <NewFactoryDialog onClose={() => setMaking(false)} />}
      <Toasts />
    </>
  );
};
