import { useState } from 'preact/hooks';
import { ChangePassword } from '../../components/account.tsx';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { PermissionChips, roleName } from '../../components/rights-fields.tsx';
import { Segmented } from '../../components/tabs.tsx';
import { chooseTheme, factory, isOwner, me } from '../../state/session.ts';
import { THEMES, theme } from '../../state/theme.ts';
import { text } from '../../text/profile.ts';
import { text as shell } from '../../text/shell.ts';
import { NameForm } from './name-form.tsx';
import { SecondFactor } from './second-factor.tsx';
import { Sessions } from './sessions.tsx';
import { UnitsChoice } from './units-choice.tsx';

const You = () => {
  const own = factory.value;
  return (
    <Panel title={text.you}>
      <div class="stack">
        <dl class="kv">
          <dt>{text.email}</dt>
          <dd class="prof__email">{me.value?.user.email}</dd>
          {own !== null && (
            <>
              <dt>{text.role}</dt>
              <dd class="row row--wrap">
                {isOwner.value ? text.owner : roleName(own.role)}
                {own.role !== 'admin' && own.permissions.length > 0 && <PermissionChips rights={own} />}
              </dd>
            </>
          )}
        </dl>
        <NameForm key={me.value?.user.name} name={me.value?.user.name ?? ''} />
        <div class="field">
          <span class="label">{text.theme}</span>
          <Segmented
            label={text.theme}
            choices={THEMES.map((id) => [id, shell.themes[id]])}
            current={theme.value}
            onChoose={chooseTheme}
          />
          <span class="field__hint">{text.themeHint}</span>
        </div>
        <UnitsChoice />
      </div>
    </Panel>
  );
};

const Password = () => {
  const [isChanging, setChanging] = useState(false);
  return (
    <Panel title={text.password}>
      <div class="prof__do">
        <p class="soft">{text.passwordBody}</p>
        <Button icon="key" onClick={() => setChanging(true)}>
          {text.changePassword}
        </Button>
      </div>
      {isChanging && <ChangePassword onClose={() => setChanging(false)} />}
    </Panel>
  );
};

/** One's own login: name, look, password, second factor, and where one is signed in. */
export const Profile = () => (
  <Page title={text.title}>
    <div class="stack prof">
      <You />
      <Password />
      <SecondFactor />
      <Sessions />
    </div>
  </Page>
);
