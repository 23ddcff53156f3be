import { useLayoutEffect, useState } from 'preact/hooks';
import { ApiError, call, type Reply } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Banner, Failed, Skeleton } from '../../components/feedback.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { OneTimeCode } from '../../components/one-time-code.tsx';
import { PermissionChips, roleName } from '../../components/rights-fields.tsx';
import { useResource } from '../../state/resource.ts';
import { acceptInvite, me } from '../../state/session.ts';
import { text } from '../../text/links.ts';
import { type Acceptance, acceptanceFaults, type Faults, refusalFaults } from './acceptance.ts';
import { Box, DeadLink } from './box.tsx';
import { useToken } from './use-token.ts';

type Opened = Reply<'POST /invites/look-up'>;

const What = ({ invite }: { invite: Opened }) => (
  <>
    <p>{text.invitedBy(invite.invited_by, invite.factory_name)}</p>
    <dl class="kv">
      <dt>{text.as}</dt>
      <dd class="row row--wrap">
        {roleName(invite.role)}
        {invite.role !== 'admin' && invite.permissions.length > 0 && <PermissionChips rights={invite} />}
      </dd>
    </dl>
  </>
);

const Accept = ({ invite, token, onDead }: { invite: Opened; token: string; onDead: () => void }) => {
  const isNew = !invite.has_login;
  const [typed, setTyped] = useState<Acceptance>({ name: '', password: '', code: undefined });
  const [faults, setFaults] = useState<Faults>({});
  const [isBusy, setBusy] = useState(false);
  const change = (part: Partial<Acceptance>) => {
    setFaults({});
    setTyped({ ...typed, ...part });
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const found = acceptanceFaults(typed, isNew);
    setFaults(found);
    if (Object.keys(found).length > 0 || isBusy) return;
    setBusy(true);
    const { name, password, code } = typed;
    try {
      await acceptInvite({
        token,
        password,
        ...(isNew && { name: name.trim() }),
        ...(code !== undefined && { code: code.trim() }),
      });
      return;
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (failure.code === 'not_found') onDead();
      else if (failure.code === 'second_factor_required') setTyped({ ...typed, code: '' });
      else setFaults(refusalFaults(failure, typed.code !== undefined));
    }
    setBusy(false);
  };
  return (
    <form class="stack" noValidate onSubmit={submit}>
      <Field label={text.email}>
        <input class="input" type="email" name="email" autocomplete="username" readOnly value={invite.email} />
      </Field>
      {isNew ? (
        <Field label={text.name} hint={text.nameHint} error={faults.name}>
          <input
            class="input"
            name="name"
            autocomplete="name"
            maxLength={100}
            value={typed.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
        </Field>
      ) : (
        <p class="small soft">{text.hasLogin}</p>
      )}
      <Field label={text.password} error={faults.password} {...(isNew && { hint: text.passwordHint })}>
        <input
          class="input"
          type="password"
          name="password"
          autocomplete={isNew ? 'new-password' : 'current-password'}
          value={typed.password}
          onInput={(event) => change({ password: event.currentTarget.value })}
        />
      </Field>
      {typed.code !== undefined && (
        <OneTimeCode value={typed.code} error={faults.code} onInput={(code) => change({ code })} />
      )}
      <Fault>{faults.whole}</Fault>
      <Button type="submit" look="primary" busy={isBusy}>
        {text.accept}
      </Button>
    </form>
  );
};

const Opened = ({ token, forget }: { token: string; forget: () => void }) => {
  const [isDead, setDead] = useState(false);
  const { data, error, reload } = useResource(`invite ${token}`, (signal) =>
    call('POST /invites/look-up', { body: { token }, signal }),
  );
  const isGone = isDead || error?.status === 404 || error?.status === 422;
  // With the words that say so, not after they have been painted.
  useLayoutEffect(() => {
    if (isGone) forget();
  }, [isGone]);
  if (isGone) return <DeadLink>{text.deadInvite}</DeadLink>;
  if (data === undefined) {
    return (
      <Box title={text.invitation}>
        {error === undefined ? <Skeleton lines={4} /> : <Failed error={error} retry={reload} />}
      </Box>
    );
  }
  return (
    <Box title={text.inviteTitle(data.factory_name)}>
      <What invite={data} />
      {me.value !== null && <Banner>{text.signedInAs(me.value.user.email)}</Banner>}
      <Accept invite={data} token={token} onDead={() => setDead(true)} />
    </Box>
  );
};

/** Where an invitation leads: who asks, into what and as what, and the way in. */
export const Invite = () => {
  const { token, forget } = useToken();
  return token === '' ? <DeadLink>{text.deadInvite}</DeadLink> : <Opened key={token} token={token} forget={forget} />;
};
