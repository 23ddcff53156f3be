import type { Factory, FactoryStorage } from '../../../api/schema.ts';
import { Confirm } from '../../../components/dialog.tsx';
import { archiveFactory, removeFactory, factory as selected } from '../../../state/session.ts';
import { summary } from '../../../state/summary.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/factories.ts';
import { sizeOf } from '../sizes.ts';
import { EditFactory } from './edit-factory.tsx';
import { ExportFactory } from './export-factory.tsx';
import { LimitsForm } from './limits-form.tsx';

/** Something to be done with a factory. */
export interface FactoryTask {
  readonly name: 'rename' | 'limits' | 'export' | 'archive' | 'delete';
  readonly factory: Factory;
}

interface FactoryTasksProps {
  readonly task: FactoryTask;
  readonly stored: FactoryStorage | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** The dialog of a task. */
export const FactoryTasks = ({ task: { name: task, factory }, stored, onClose, onDone }: FactoryTasksProps) => {
  const { id, name, slug } = factory;
  /** Says what was done, or why not; the dialog goes either way. */
  const finish = (work: Promise<unknown>, words: string) =>
    work
      .then(() => {
        toast(words);
        onDone();
      }, toastError)
      .then(onClose);
  if (task === 'rename') return <EditFactory factory={factory} onClose={onClose} onDone={onDone} />;
  if (task === 'limits') return <LimitsForm factory={factory} onClose={onClose} />;
  if (task === 'export') return <ExportFactory factory={factory} onClose={onClose} />;
  if (task === 'archive') {
    return (
      <Confirm
        title={text.archiveTitle(name)}
        verb={text.archiveVerb}
        onClose={onClose}
        onConfirm={() => finish(archiveFactory(id), text.archived(name))}
      >
        {text.archiveBody(name)}
      </Confirm>
    );
  }
  const devices = id === selected.value?.id ? summary.value?.devices.total : undefined;
  return (
    <Confirm
      title={text.deleteTitle(name)}
      verb={text.deleteVerb}
      word={slug}
      onClose={onClose}
      onConfirm={() => finish(removeFactory(id, slug), text.deleted(name))}
    >
      <div class="stack stack--tight">
        <p>{text.deleteBody(devices, stored?.samples, stored && sizeOf(stored.bytes))}</p>
        <p>{text.deleteForGood}</p>
      </div>
    </Confirm>
  );
};
