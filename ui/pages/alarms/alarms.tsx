import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { hasSound, setSound } from '../../state/alarm-sound.ts';
import { alarmCounts, openCount, unacknowledgedCount } from '../../state/alarms.ts';
import { useQuery } from '../../state/query.ts';
import { toastError } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { ActiveTab } from './active-tab.tsx';
import { HistoryTab } from './history-tab.tsx';
import { MaintenanceTab } from './maintenance-tab.tsx';
import { QualityTab } from './quality-tab.tsx';
import { ShelvedTab } from './shelved-tab.tsx';

const TABS = ['active', 'shelved', 'history', 'quality', 'maintenance'] as const;

const Sound = () => (
  <Button
    icon={hasSound.value ? 'sound' : 'mute'}
    aria-pressed={hasSound.value}
    title={text.soundHint}
    onClick={() => setSound(!hasSound.value).catch(toastError)}
  >
    {hasSound.value ? text.soundOn : text.soundOff}
  </Button>
);

/** Alarms: those to be looked at, those out of the way, those that were, how good they are, and when nobody is told. */
export const Alarms = () => {
  const { values } = useQuery();
  const tab = TABS.find((id) => id === values.tab) ?? 'active';
  const counts = alarmCounts.value;
  const badges = { active: openCount(), shelved: (counts?.shelved ?? 0) + (counts?.suppressed ?? 0) };
  return (
    <Page
      title={text.title}
      sub={counts !== undefined && text.sub(openCount(), unacknowledgedCount())}
      actions={<Sound />}
    >
      <Tabs
        label={text.title}
        tabs={[
          ...TABS.map((id) => ({
            id,
            label: text.tabs[id],
            count: (id === 'active' || id === 'shelved') && badges[id] > 0 ? badges[id] : undefined,
          })),
          { id: 'rules', label: text.rules },
        ]}
        current={tab}
        hrefOf={(id) => (id === 'rules' ? '/rules' : id === 'active' ? '/alarms' : `/alarms?tab=${id}`)}
      />
      {tab === 'active' && <ActiveTab />}
      {tab === 'shelved' && <ShelvedTab />}
      {tab === 'history' && <HistoryTab />}
      {tab === 'quality' && <QualityTab />}
      {tab === 'maintenance' && <MaintenanceTab />}
    </Page>
  );
};
