import type { ImportItem } from '../../../api/schema.ts';
import { Icon } from '../../../components/icon.tsx';
import { SeverityChip } from '../../../components/severity.tsx';
import { text } from '../../../text/transfer.ts';
import { uploads } from './upload.ts';

/** How far an import is, in a word. Only what has failed has a colour. */
export const ImportState = ({ job: { id, state } }: { job: Pick<ImportItem, 'id' | 'state'> }) => {
  if (state === 'failed') return <SeverityChip severity="medium">{text.states.failed}</SeverityChip>;
  const isCutOff = state === 'uploading' && !uploads.value.has(id);
  const words = isCutOff ? text.interrupted : text.states[state];
  return (
    <span class="state">
      {state === 'done' && <Icon name="check" small />}
      {words}
    </span>
  );
};
