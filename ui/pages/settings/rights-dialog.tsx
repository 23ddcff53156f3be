import { useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Fault } from '../../components/field.tsx';
import { givenRights, RightsFields } from '../../components/rights-fields.tsx';
import type { Rights } from '../../state/rights.ts';
import { text as common } from '../../text/common.ts';

interface RightsDialogProps {
  readonly title: string;
  readonly rights: Rights;
  /** Nobody is offered more to give than this. */
  readonly most: Rights;
  /** @throws {ApiError} what the dialog has to show */
  readonly onSave: (rights: Rights) => Promise<void>;
  readonly onClose: () => void;
}

/** Changes what somebody may do. */
export const RightsDialog = ({ title, rights, most, onSave, onClose }: RightsDialogProps) => {
  const [chosen, setChosen] = useState<Rights>({ role: rights.role, permissions: rights.permissions });
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      await onSave(givenRights(chosen));
      onClose();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {common.save}
          </Button>
        </>
      }
    >
      <RightsFields rights={chosen} most={most} onChange={setChosen} />
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
