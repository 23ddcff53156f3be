import { useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import type { AuditVerification } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Panel } from '../../../components/panel.tsx';
import { SeverityChip } from '../../../components/severity.tsx';
import { formatCount } from '../../../format/number.ts';
import { sentence } from '../../../format/sentence.ts';
import { toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/audit.ts';

const Outcome = ({ report: { entries, last_seq, head, faults } }: { report: AuditVerification }) =>
  faults.length === 0 ? (
    <>
      <p>{text.fine(formatCount(entries), last_seq)}</p>
      <p class="small soft">
        {text.head}: <code class="mono aud__hash">{head}</code>
      </p>
    </>
  ) : (
    <>
      <p>
        <SeverityChip severity="critical">{text.faultsTitle(faults.length)}</SeverityChip>
      </p>
      <ul class="set__hints">
        {faults.map(({ message }) => (
          <li key={message}>{sentence(message)}</li>
        ))}
      </ul>
      <p class="soft">{text.faultsRemedy}</p>
    </>
  );

/** Whether the audit was tampered with: for the owners of the appliance. */
export const Whole = () => {
  const [report, setReport] = useState<AuditVerification>();
  const [isBusy, setBusy] = useState(false);
  const verify = () => {
    setBusy(true);
    call('GET /audit/verification', {})
      .then(setReport, toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Panel
      title={text.whole}
      foot={<span>{text.wholeNote}</span>}
      side={
        <Button small icon="check" busy={isBusy} onClick={verify}>
          {text.verify}
        </Button>
      }
    >
      <div class="stack stack--tight" role="status">
        {report === undefined ? <p class="soft">{text.wholeBody}</p> : <Outcome report={report} />}
      </div>
    </Panel>
  );
};
