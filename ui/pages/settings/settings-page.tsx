import type { ComponentChildren } from 'preact';
import { Empty } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { maySee } from '../../components/settings-parts.ts';
import { factory } from '../../state/session.ts';
import { text } from '../../text/settings.ts';
import { SettingsTabs } from './settings-tabs.tsx';

interface SettingsPageProps {
  readonly part:
    | 'connections'
    | 'credentials'
    | 'users'
    | 'keys'
    | 'channels'
    | 'certificates'
    | 'factories'
    | 'logins'
    | 'audit';
  /** It shows the whole appliance, though it may show a factory alone. */
  readonly isWide?: boolean;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of the settings: of the selected factory, or of the whole appliance. */
export const SettingsPage = ({ part, isWide = false, actions, children }: SettingsPageProps) => {
  const isOfFactory = !isWide && part !== 'factories' && part !== 'logins' && part !== 'certificates';
  const sub = isOfFactory ? text.ofFactory(factory.value?.name ?? '') : text.ofAppliance;
  return (
    <Page title={text[part]} sub={sub} actions={actions}>
      <SettingsTabs current={part} />
      <div class="stack set">{children}</div>
    </Page>
  );
};

/** Stands in the place of a part that is not the person's. */
const NotAllowed = ({ part }: { part: SettingsPageProps['part'] }) => (
  <SettingsPage part={part}>
    <section class="panel">
      <Empty icon="key" title={text.notAllowed}>
        {text.notAllowedBody[part]}
      </Empty>
    </section>
  </SettingsPage>
);

/** Draws `Part` for those who may see it. Rights may be taken away while one looks. */
export const guarded = (part: SettingsPageProps['part'], Part: () => ComponentChildren) => () =>
  maySee(part) ? <Part /> : <NotAllowed part={part} />;
