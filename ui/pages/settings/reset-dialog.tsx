import { useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import type { Link } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Fault } from '../../components/field.tsx';
import { LinkOnce } from '../../components/link-once.tsx';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/users.ts';

interface ResetDialogProps {
  readonly person: string;
  /** @throws {ApiError} what the dialog has to show */
  readonly make: () => Promise<Link>;
  readonly onClose: () => void;
}

/** Makes a link with which somebody sets a new password, and shows it once. */
export const ResetDialog = ({ person, make, onClose }: ResetDialogProps) => {
  const [link, setLink] = useState<Link>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      setLink(await make());
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    }
    setBusy(false);
  };
  if (link !== undefined) {
    return (
      <Dialog
        title={text.resetTitle(person)}
        onClose={onClose}
        onSubmit={onClose}
        foot={
          <Button type="submit" look="primary">
            {text.done}
          </Button>
        }
      >
        <p class="soft">{text.resetMade(person)}</p>
        <LinkOnce link={link} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={text.resetTitle(person)}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.makeLink}
          </Button>
        </>
      }
    >
      <p class="soft">{text.resetBody(person)}</p>
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
