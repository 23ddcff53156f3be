import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Device, Parameter, Refusal } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatTime } from '../../format/time.ts';
import type { Resource } from '../../state/resource.ts';
import { may, timezone } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/device.ts';
import { ResetKind } from './reset-kind.tsx';
import type { Parameters } from './use-parameters.ts';

/** The appliance keeps as much of a payload. */
const KEPT_BYTES = 512;

const timeOf = (iso: string) => formatTime(Date.parse(iso), 'date_minute', timezone.value);
const isCut = (payload: string) => new TextEncoder().encode(payload).length >= KEPT_BYTES;

const Payload = ({ payload }: { payload: string }) => (
  <details class="rej__payload">
    <summary>
      <span class="sr rej__word">{text.payload}</span>
      <code class="mono clip">{payload}</code>
    </summary>
    <pre class="mono">{payload}</pre>
    {isCut(payload) && <small class="muted">{text.payloadCut}</small>}
  </details>
);

interface RejectProps {
  readonly refusal: Refusal;
  /** Given where resetting the kind of the parameter would help. */
  readonly reset?: () => void;
}

const Reject = ({ refusal, reset }: RejectProps) => {
  const { reason, parameter, detail, payload, count, first_at, last_at } = refusal;
  const [title, remedy] = text.reasons[reason] ?? [text.otherReason, ''];
  return (
    <li>
      <div class="row row--between row--wrap">
        <b class="strong">
          {title}
          {parameter !== null && <span class="mono rej__parameter">{parameter}</span>}
        </b>
        <span class="muted small">
          {text.firstAndLast(timeOf(first_at), timeOf(last_at))} · {text.times(count)}
        </span>
      </div>
      <p class="rej__detail">{detail}</p>
      <Payload payload={payload} />
      <p class="small soft">
        {remedy}{' '}
        {reset !== undefined && parameter !== null && (
          <Button small look="quiet" onClick={reset}>
            {text.resetKindOf(parameter)}
          </Button>
        )}
      </p>
    </li>
  );
};

interface RejectsTabProps {
  readonly device: Device;
  readonly rejects: Resource<readonly Refusal[]>;
  readonly parameters: Parameters;
}

/** What was refused of a device, why, and what to do about it. */
export const RejectsTab = ({ device, rejects, parameters }: RejectsTabProps) => {
  const [isClearing, setClearing] = useState(false);
  const [resetting, setResetting] = useState<Parameter>();
  const { data, error, reload, set } = rejects;
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={4} height="1.5rem" /> : <Failed error={error} retry={reload} />;
  }
  const clear = async () => {
    try {
      await call('DELETE /devices/{id}/rejects', { path: { id: device.id } });
      set([]);
      setClearing(false);
      toast(text.cleared);
    } catch (failure) {
      toastError(failure);
    }
  };
  const resetOf = (refusal: Refusal): (() => void) | undefined => {
    if (refusal.reason !== 'wrong_kind' || !may('devices')) return undefined;
    const parameter = parameters.all?.find(({ name }) => name === refusal.parameter);
    return parameter && (() => setResetting(parameter));
  };
  return (
    <Panel
      title={text.rejects}
      flush
      side={
        data.length > 0 && (
          <>
            <span class="panel__note">{text.rejectsNote(data.reduce((sum, { count }) => sum + count, 0))}</span>
            {may('devices') && (
              <Button small onClick={() => setClearing(true)}>
                {text.clearList}
              </Button>
            )}
          </>
        )
      }
    >
      {data.length === 0 ? (
        <Empty icon="check" title={text.noRejectsTitle}>
          {text.noRejectsBody}
        </Empty>
      ) : (
        <ul class="list rej">
          {data.map((refusal) => {
            const reset = resetOf(refusal);
            return (
              <Reject
                key={`${refusal.reason} ${refusal.parameter}`}
                refusal={refusal}
                {...(reset !== undefined && { reset })}
              />
            );
          })}
        </ul>
      )}
      {isClearing && (
        <Confirm title={text.clearTitle} verb={text.clearVerb} onConfirm={clear} onClose={() => setClearing(false)}>
          <p>{text.clearBody(data.length)}</p>
        </Confirm>
      )}
      {resetting !== undefined && (
        <ResetKind
          device={device}
          parameter={resetting}
          parameters={parameters}
          onClose={() => setResetting(undefined)}
        />
      )}
    </Panel>
  );
};
