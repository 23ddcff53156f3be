import { useId, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { Button } from '../../../components/button.tsx';
import { Choice } from '../../../components/choice.tsx';
import { Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useResource } from '../../../state/resource.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/admission.ts';
import { text as common } from '../../../text/common.ts';
import { AddDevice } from '../../devices/add-device.tsx';

const MODES = ['open', 'approve', 'closed'] as const;
type Mode = (typeof MODES)[number];

/** Whether devices that nobody knows are taken, wait, or are refused. */
export const AdmissionPanel = () => {
  const group = useId();
  const [isAdding, setAdding] = useState(false);
  const { data, error, reload, set } = useResource('device-admission', (signal) =>
    call('GET /device-admission', { signal }),
  );
  const choose = async (mode: Mode, before?: Mode) => {
    try {
      set(await call('PUT /device-admission', { body: { mode } }));
      const undo = before && { label: common.undo, run: () => void choose(before) };
      toast(text.set[mode], undo && { action: undo });
    } catch (failure) {
      toastError(failure);
      reload();
    }
  };
  return (
    <Panel
      title={text.title}
      side={
        <Button small icon="plus" onClick={() => setAdding(true)}>
          {text.add}
        </Button>
      }
    >
      {data === undefined ? (
        error === undefined ? (
          <Skeleton />
        ) : (
          <Failed error={error} retry={reload} />
        )
      ) : (
        <fieldset class="rights">
          <legend class="small soft">{text.intro}</legend>
          {MODES.map((mode) => (
            <Choice
              key={mode}
              name={group}
              label={text.modes[mode]}
              hint={text.modeHints[mode]}
              isChosen={data.mode === mode}
              onChoose={() => void choose(mode, data.mode)}
            />
          ))}
          <p class="small soft">{text.named}</p>
        </fieldset>
      )}
      {isAdding && <AddDevice onClose={() => setAdding(false)} />}
    </Panel>
  );
};
