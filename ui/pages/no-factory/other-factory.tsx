import { useState } from 'preact/hooks';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Toasts } from '../../components/toasts.tsx';
import { useQuery } from '../../state/query.ts';
import { factory, otherFactoryOf, switchFactory } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text } from '../../text/no-factory.ts';
import { Box } from '../link/box.tsx';

/**
 * Stands where a page would be that a link of another factory leads to, as one from a message about an alarm. It asks: the
 * session has one factory, so that what is open in other tabs goes along.
 */
export const OtherFactory = () => {
  const { values } = useQuery();
  const linked = otherFactoryOf(values.factory);
  const [isBusy, setBusy] = useState(false);
  if (linked === undefined) return null;
  const selected = factory.value?.name;
  const go = async () => {
    setBusy(true);
    try {
      await switchFactory(linked.id, location.pathname + location.search);
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  return (
    <>
      <Box title={text.otherTitle(linked.name)}>
        <p class="soft">{text.otherBody(linked.name, selected)}</p>
        <Button look="primary" busy={isBusy} onClick={go}>
          {text.goTo(linked.name)}
        </Button>
        {selected !== undefined && (
          <ButtonLink look="quiet" href="/">
            {text.stayIn(selected)}
          </ButtonLink>
        )}
      </Box>
      <Toasts />
    </>
  );
};
