import type { Factory } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Download } from '../../../components/download.tsx';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/factories.ts';

/** All of a factory as one file. */
export const ExportFactory = ({ factory: { id, name }, onClose }: { factory: Factory; onClose: () => void }) => (
  <Dialog title={text.exportTitle(name)} onClose={onClose} foot={<Button onClick={onClose}>{common.close}</Button>}>
    <p class="soft">{text.exportBody}</p>
    <Download label={text.exportVerb} href={`/api/v1/factories/${id}/export`} />
  </Dialog>
);
