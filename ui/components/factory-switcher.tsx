import { factory, isOwner, me, switchFactory } from '../state/session.ts';
import { toastError } from '../state/toasts.ts';
import { text } from '../text/shell.ts';
import { Icon } from './icon.tsx';
import { Menu, MenuItem, Popover } from './menu.tsx';

/** What stands in place of a picture: the first letters of two words. */
export const initialsOf = (name: string) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');

const FactoryMenu = ({ close, makeFactory }: { close: () => void; makeFactory: () => void }) => (
  <Menu label={text.switchFactory}>
    {me.value?.factories.map(({ id, name, slug }) => (
      <MenuItem
        key={id}
        isChosen={id === factory.value?.id}
        onChoose={() => {
          close();
          if (id !== factory.value?.id) switchFactory(id).catch(toastError);
        }}
      >
        <span class="nav__two">
          <span>{name}</span>
          <small class="mono">{slug}</small>
        </span>
      </MenuItem>
    ))}
    {isOwner.value && (
      <>
        <hr />
        <MenuItem
          onChoose={() => {
            close();
            makeFactory();
          }}
        >
          <Icon name="plus" small />
          {text.newFactory}
        </MenuItem>
      </>
    )}
  </Menu>
);

/** The selected factory, and the way to another; owners can make one. */
export const FactorySwitcher = ({ place, makeFactory }: { place: 'nav' | 'top'; makeFactory: () => void }) => {
  const current = factory.value;
  const name = current?.name ?? text.noFactoryTitle;
  return (
    <Popover
      button={(attributes) => (
        <button
          type="button"
          {...attributes}
          class={place === 'nav' ? 'nav__btn nav__factory' : 'topbar__btn'}
          title={text.switchFactory}
        >
          <span class="factory-glyph" aria-hidden="true">
            {initialsOf(name)}
          </span>
          <span class="nav__two">
            <span>{name}</span>
            {place === 'nav' && <small>{current?.timezone}</small>}
          </span>
          <Icon name="chevron" small />
        </button>
      )}
    >
      {(close) => <FactoryMenu close={close} makeFactory={makeFactory} />}
    </Popover>
  );
};
