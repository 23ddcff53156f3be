import { addressOfPart, type SettingsPart, settingsParts } from '../../components/settings-parts.ts';
import { Tabs } from '../../components/tabs.tsx';
import { text } from '../../text/settings.ts';

/** The parts of the settings that the person may see; nothing where there is one alone. */
export const SettingsTabs = ({ current }: { current: SettingsPart }) => {
  const parts = settingsParts();
  return parts.length > 1 ? (
    <Tabs
      label={text.parts}
      current={current}
      hrefOf={(id) => addressOfPart(id as SettingsPart)}
      tabs={parts.map(({ id, label }) => ({ id, label }))}
    />
  ) : null;
};
