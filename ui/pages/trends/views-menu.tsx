import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Button } from '../../components/button.tsx';
import { copyText } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { Menu, MenuItem, Popover } from '../../components/menu.tsx';
import { factory } from '../../state/session.ts';
import { toast } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/trends.ts';
import { removeView, type SavedView, savedViews, saveView } from './saved-views.ts';

const SaveDialog = ({ factoryId, onClose }: { factoryId: string; onClose: () => void }) => {
  const [name, setName] = useState('');
  const save = () => {
    saveView(factoryId, { name: name.trim(), search: location.search });
    toast(text.viewSaved(name.trim()));
    onClose();
  };
  return (
    <Dialog
      title={text.saveTitle}
      onClose={onClose}
      onSubmit={save}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === ''}>
            {common.save}
          </Button>
        </>
      }
    >
      <Field label={text.viewName} hint={text.viewHint}>
        <input
          class="input"
          required
          maxLength={80}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
};

function remove(factoryId: string, view: SavedView): void {
  removeView(factoryId, view.name);
  toast(text.viewRemoved(view.name), {
    action: { label: common.undo, run: () => saveView(factoryId, view) },
  });
}

/** The views that were kept, and the way to keep or pass on this one. */
export const ViewsMenu = ({ canSave }: { canSave: boolean }) => {
  const { route } = useLocation();
  const [isSaving, setSaving] = useState(false);
  const factoryId = factory.value?.id ?? '';
  const views = savedViews(factoryId);
  const copyLink = () =>
    copyText(location.href).then(
      () => toast(text.linkCopied),
      () => toast(text.linkNotCopied, { isError: true }),
    );
  return (
    <>
      <Popover
        button={(attributes) => (
          <Button icon="star" {...attributes}>
            {text.share}
          </Button>
        )}
      >
        {(close) => (
          <Menu label={text.share}>
            {views.map((view) => (
              <span class="row tr__view" key={view.name}>
                <MenuItem
                  onChoose={() => {
                    close();
                    route(`/trends${view.search}`);
                  }}
                >
                  <span class="clip">{view.name}</span>
                </MenuItem>
                <button
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  class="btn btn--icon btn--quiet btn--sm"
                  aria-label={text.removeView(view.name)}
                  title={text.removeView(view.name)}
                  onClick={() => remove(factoryId, view)}
                >
                  <Icon name="trash" small />
                </button>
              </span>
            ))}
            {views.length === 0 && <p class="tr__note">{text.noViews}</p>}
            {canSave && (
              <>
                <hr />
                <MenuItem
                  onChoose={() => {
                    close();
                    setSaving(true);
                  }}
                >
                  <Icon name="star" small />
                  {text.saveView}
                </MenuItem>
                <MenuItem
                  onChoose={() => {
                    close();
                    void copyLink();
                  }}
                >
                  <Icon name="link" small />
                  {text.copyLink}
                </MenuItem>
              </>
            )}
          </Menu>
        )}
      </Popover>
      {isSaving && <SaveDialog factoryId={factoryId} onClose={() => setSaving(false)} />}
    </>
  );
};
