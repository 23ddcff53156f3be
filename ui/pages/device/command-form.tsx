import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import type { Device, DeviceCommand } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { toast } from '../../state/toasts.ts';
import { text } from '../../text/commands.ts';
import { parametersIn } from './command-list.ts';

const EXPIRIES = Object.keys(text.expiries);
const USUAL_EXPIRY = '60';

/** Sends a command, with its parameters and the time until it expires. */
export const CommandForm = ({ device, onIssued }: { device: Device; onIssued: (command: DeviceCommand) => void }) => {
  const [name, setName] = useState('');
  const [typed, setTyped] = useState('');
  const [expiry, setExpiry] = useState(USUAL_EXPIRY);
  const [isBusy, setBusy] = useState(false);
  const [wasTried, setTried] = useState(false);
  const [error, setError] = useState<ApiError>();
  const parameters = parametersIn(typed);
  const isNamed = name.trim() !== '';

  const send = async () => {
    setTried(true);
    if (!isNamed || parameters === undefined || isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { command: name.trim(), parameters, expires_in_s: Number(expiry) };
      onIssued(await call('POST /devices/{id}/commands', { path: { id: device.id }, body }));
      toast(text.issued(body.command));
      setTried(false);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const nameFault = wasTried && !isNamed ? text.commandMissing : error?.faultOf('command');
  const isOther = error !== undefined && error.faults.length === 0;
  return (
    <Panel title={text.send}>
      <form
        class="cmd__form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field label={text.command} hint={text.commandHint} error={nameFault}>
          <input
            class="input mono"
            maxLength={64}
            autocomplete="off"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field
          label={text.parameters}
          hint={text.parametersHint}
          error={parameters === undefined ? text.notAnObject : error?.faultOf('parameters')}
        >
          <textarea
            class="textarea mono"
            rows={2}
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </Field>
        <Field label={text.expiry} hint={text.expiryHint}>
          <select class="select" value={expiry} onChange={(event) => setExpiry(event.currentTarget.value)}>
            {EXPIRIES.map((seconds) => (
              <option key={seconds} value={seconds}>
                {text.expiries[seconds]}
              </option>
            ))}
          </select>
        </Field>
        <div class="cmd__send">
          <Fault>{isOther ? error.message : undefined}</Fault>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.sendVerb}
          </Button>
        </div>
      </form>
    </Panel>
  );
};
