import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import type { ChannelTest, NotificationChannel } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault } from '../../../components/field.tsx';
import { text } from '../../../text/channels.ts';

/** Sends a test by a channel, and shows what the other side says. */
export const TestDialog = ({ channel, onClose }: { channel: NotificationChannel; onClose: () => void }) => {
  const [outcome, setOutcome] = useState<ChannelTest>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const { id, name } = channel;
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setOutcome(await call('POST /notification-channels/{id}/test', { path: { id } }));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    }
    setBusy(false);
  };
  useEffect(() => void send(), []);
  return (
    <Dialog
      title={text.testTitle(name)}
      onClose={onClose}
      foot={
        <>
          <Button busy={isBusy} onClick={() => void send()}>
            {text.testAgain}
          </Button>
          <Button look="primary" onClick={onClose}>
            {text.close}
          </Button>
        </>
      }
    >
      <div aria-live="polite">
        {isBusy && <p class="soft">{text.testing}</p>}
        {!isBusy && outcome?.results.length === 0 && <p>{text.testNobody}</p>}
        {!isBusy && outcome !== undefined && (
          <ul class="channel__results">
            {outcome.results.map(({ recipient, delivered, detail }) => (
              <li key={recipient}>
                <b class="strong">{delivered ? text.testDelivered : text.testRefused}</b>
                {recipient !== '' && <span class="mono"> {recipient}</span>}
                <span class="sub mono">{detail}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
