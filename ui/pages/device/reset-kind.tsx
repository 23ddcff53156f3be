import { call } from '../../api/client.ts';
import type { Device, Parameter } from '../../api/schema.ts';
import { Confirm } from '../../components/dialog.tsx';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/device.ts';
import { labelOf } from './parameter-view.ts';
import type { Parameters } from './use-parameters.ts';

interface ResetKindProps {
  readonly device: Device;
  readonly parameter: Parameter;
  readonly parameters: Parameters;
  readonly onClose: () => void;
}

/** Asks before a parameter's next value may decide anew what kind it is. */
export const ResetKind = ({ device, parameter, parameters, onClose }: ResetKindProps) => {
  const reset = async () => {
    const path = { id: device.id, name: parameter.name };
    try {
      await call('POST /devices/{id}/parameters/{name}/reset-kind', { path });
      onClose();
      toast(text.kindReset(labelOf(parameter)));
      parameters.reload();
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Confirm
      title={text.resetKindTitle(labelOf(parameter))}
      verb={text.resetKindVerb}
      onConfirm={reset}
      onClose={onClose}
    >
      <p>{text.resetKindBody(text.kinds[parameter.kind])}</p>
    </Confirm>
  );
};
