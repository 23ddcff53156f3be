import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { call } from '../../api/client.ts';
import type { Device } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { Banner } from '../../components/feedback.tsx';
import { may } from '../../state/session.ts';
import { refreshSummary } from '../../state/summary.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/device.ts';

interface StandingProps {
  readonly device: Device;
  readonly onChanged: (device: Device) => void;
}

/** Takes a retired device back; with a way to undo that. */
async function reinstate({ device, onChanged }: StandingProps): Promise<void> {
  try {
    onChanged(await call('POST /devices/{id}/reinstate', { path: { id: device.id } }));
    const undo = () => void retire({ device, onChanged });
    toast(text.reinstated(device.name), { action: { label: common.undo, run: undo } });
  } catch (error) {
    toastError(error);
  }
}

/** Takes a device out of use; with a way to undo that. */
export async function retire({ device, onChanged }: StandingProps): Promise<void> {
  try {
    onChanged(await call('POST /devices/{id}/retire', { path: { id: device.id } }));
    const undo = () => void reinstate({ device, onChanged });
    toast(text.retired(device.name), { action: { label: common.undo, run: undo } });
  } catch (error) {
    toastError(error);
  }
}

const Pending = ({ device, onChanged }: StandingProps) => {
  const { route } = useLocation();
  const [isRejecting, setRejecting] = useState(false);
  const approve = async () => {
    try {
      onChanged(await call('POST /devices/{id}/approve', { path: { id: device.id } }));
      toast(text.approved(device.name));
      refreshSummary();
    } catch (error) {
      toastError(error);
    }
  };
  const reject = async () => {
    try {
      await call('POST /devices/{id}/reject', { path: { id: device.id } });
      route('/devices?standing=pending');
      toast(text.rejected(device.name));
      refreshSummary();
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Banner
      action={
        may('devices') && (
          <span class="row row--wrap">
            <Button small look="primary" icon="check" onClick={() => void approve()}>
              {text.approve}
            </Button>
            <Button small onClick={() => setRejecting(true)}>
              {text.reject}
            </Button>
          </span>
        )
      }
    >
      {text.isPending}
      {isRejecting && (
        <Confirm
          title={text.rejectTitle(device.name)}
          verb={text.rejectVerb}
          onConfirm={reject}
          onClose={() => setRejecting(false)}
        >
          <p>{text.rejectBody}</p>
        </Confirm>
      )}
    </Banner>
  );
};

/** Says of a device that does not take part why, and offers the way back. */
export const StandingBanner = ({ device, onChanged }: StandingProps) => {
  if (device.standing === 'active') return null;
  if (device.standing === 'pending') return <Pending device={device} onChanged={onChanged} />;
  if (device.standing === 'rejected') return <Banner>{text.isRejected}</Banner>;
  return (
    <Banner
      action={
        may('devices') && (
          <Button small icon="restore" onClick={() => void reinstate({ device, onChanged })}>
            {text.reinstate}
          </Button>
        )
      }
    >
      {text.isRetired}
    </Banner>
  );
};
