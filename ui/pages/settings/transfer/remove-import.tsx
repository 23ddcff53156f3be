import type { ImportItem } from '../../../api/schema.ts';
import { Confirm } from '../../../components/dialog.tsx';
import { toast, toastError } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/transfer.ts';
import { removeImport } from './upload.ts';

interface RemoveImportProps {
  readonly job: Pick<ImportItem, 'id' | 'file_name' | 'state' | 'samples'>;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

/** Says what goes and what stays, before an import ends or leaves the list. */
export const RemoveImport = ({ job, onClose, onRemoved }: RemoveImportProps) => {
  const remove = async () => {
    try {
      await removeImport(job.id);
      toast(text.removed(job.file_name));
      onRemoved();
    } catch (error) {
      toastError(error);
    }
    onClose();
  };
  return (
    <Confirm title={text.removeTitle(job.file_name)} verb={common.remove} onConfirm={remove} onClose={onClose}>
      {text.removeBodies[job.state]} {text.staying(job.samples)}
    </Confirm>
  );
};
