import { useState } from 'preact/hooks';
import { Icon } from '../../../components/icon.tsx';
import { text } from '../../../text/transfer.ts';

interface FileDropProps {
  readonly label: string;
  readonly isBusy?: boolean;
  readonly onFile: (file: File) => void;
}

/** A place to drop a file on, and a button to choose one. */
export const FileDrop = ({ label, isBusy = false, onFile }: FileDropProps) => {
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined && !isBusy) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the field inside does the same by keyboard
    <div
      class={isOver ? 'tf__drop is-over' : 'tf__drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <label class="btn btn--primary">
        <input
          type="file"
          class="sr"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          disabled={isBusy}
          onChange={(event) => {
            take(event.currentTarget.files);
            // So that the same file can be chosen again.
            event.currentTarget.value = '';
          }}
        />
        <Icon name="plus" small />
        <span>{label}</span>
      </label>
      <span class="small muted">{isOver ? text.dropHere : text.orDrop}</span>
    </div>
  );
};
