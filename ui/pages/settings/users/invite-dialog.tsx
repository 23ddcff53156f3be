import { useState } from 'preact/hooks';
import { ApiError, call, type Reply } from '../../../api/client.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { LinkOnce } from '../../../components/link-once.tsx';
import { givenRights, RightsFields } from '../../../components/rights-fields.tsx';
import { sentence } from '../../../format/sentence.ts';
import type { Rights } from '../../../state/rights.ts';
import { factory } from '../../../state/session.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/users.ts';

type Made = Reply<'POST /invites'>;

interface InviteDialogProps {
  readonly onClose: () => void;
  readonly onMade: () => void;
}

const mailWords = ({ email, invite }: Made): string => {
  if (email === null) return text.noMail;
  return email.sent ? text.mailSent(invite.email) : text.mailFailed(sentence(email.detail ?? ''));
};

const Invited = ({ made, onClose }: { made: Made; onClose: () => void }) => (
  <Dialog
    title={text.invitedTitle(made.invite.email)}
    onClose={onClose}
    onSubmit={onClose}
    foot={
      <Button type="submit" look="primary">
        {text.done}
      </Button>
    }
  >
    <p class="soft">{mailWords(made)}</p>
    <LinkOnce link={made.link} />
  </Dialog>
);

/** Asks somebody to come in, and shows the link once. */
export const InviteDialog = ({ onClose, onMade }: InviteDialogProps) => {
  const [email, setEmail] = useState('');
  const [rights, setRights] = useState<Rights>({ role: 'viewer', permissions: [] });
  const [fault, setFault] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<Made>();
  const most = factory.value;
  if (most === null) return null;
  if (made !== undefined) return <Invited made={made} onClose={onClose} />;
  const submit = async () => {
    const address = email.trim();
    setError(undefined);
    if (!/^\S+@\S+$/.test(address)) return setFault(text.emailMissing);
    if (isBusy) return;
    setBusy(true);
    try {
      setMade(await call('POST /invites', { body: { email: address, ...givenRights(rights) } }));
      onMade();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      // The whole message, which says what to do instead.
      if (failure.faultOf('email') !== undefined) setFault(failure.message);
      else setError(failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={text.inviteTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.inviteVerb}
          </Button>
        </>
      }
    >
      <Field label={text.email} hint={text.emailHint} error={fault}>
        <input
          class="input"
          // Not of the type email: browsers would have words of their own for it.
          type="text"
          inputMode="email"
          name="invited"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={email}
          onInput={(event) => {
            setFault(undefined);
            setEmail(event.currentTarget.value);
          }}
        />
      </Field>
      <RightsFields rights={rights} most={most} onChange={setRights} />
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
