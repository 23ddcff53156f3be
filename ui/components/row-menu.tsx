import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Menu, MenuItem, Popover } from './menu.tsx';

/** One thing that can be done with a row. */
export interface RowAction {
  readonly label: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** What can be done with a row of a table; nothing at all where there is nothing. */
export const RowMenu = ({ label, actions }: { label: string; actions: readonly RowAction[] }) =>
  actions.length === 0 ? null : (
    <Popover button={(attributes) => <Button small look="quiet" icon="more" label={label} {...attributes} />}>
      {(close) => (
        <Menu label={label}>
          {actions.map((action) => (
            <MenuItem
              key={action.label}
              onChoose={() => {
                close();
                action.run();
              }}
            >
              <Icon name={action.icon} small />
              {action.label}
            </MenuItem>
          ))}
        </Menu>
      )}
    </Popover>
  );
