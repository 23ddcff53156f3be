import { Tabs } from '../../components/tabs.tsx';
import { may } from '../../state/session.ts';
import { text } from '../../text/transfer.ts';

const ADDRESSES = { storage: '/settings/storage', transfer: '/settings/transfer' } as const;
type Part = keyof typeof ADDRESSES;

/** The parts of the settings that the person may see; nothing where there is one alone. */
export const SettingsTabs = ({ current }: { current: Part }) =>
  may('admin') ? (
    <Tabs
      label={text.parts}
      current={current}
      hrefOf={(id) => ADDRESSES[id as Part]}
      tabs={[
        { id: 'storage', label: text.storage },
        { id: 'transfer', label: text.title },
      ]}
    />
  ) : null;
