import { useState } from 'preact/hooks';
import type { FactoryStorage } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { isOwner } from '../../state/session.ts';
import { text } from '../../text/storage.ts';
import { KeptForm } from './kept-form.tsx';

const span = (days: number | null) => (days === null ? text.forEver : text.spanOfDays(days));

const columns = (change: ((factory: FactoryStorage) => void) | null): readonly Column<FactoryStorage>[] => [
  {
    id: 'factory',
    label: text.factory,
    class: 'wide',
    cell: ({ name, kept }) => (
      <>
        <b class="strong">{name}</b>
        <span class="sub">{kept.is_own ? text.keptOwn : text.keptByConfig}</span>
      </>
    ),
  },
  { id: 'raw', label: text.levels.raw.name, isNumeric: true, cell: ({ kept }) => span(kept.raw_days) },
  { id: '1m', label: text.minutes, isNumeric: true, cell: ({ kept }) => span(kept.minute_days) },
  { id: '15m', label: text.quarters, isNumeric: true, cell: ({ kept }) => span(kept.quarter_days) },
  ...(change === null
    ? []
    : [
        {
          id: 'change',
          label: text.change,
          hasHiddenLabel: true,
          isNumeric: true,
          cell: (factory: FactoryStorage) => (
            <Button small onClick={() => change(factory)} label={text.changeKept(factory.name)}>
              {text.change}
            </Button>
          ),
        },
      ]),
];

interface KeptProps {
  readonly factories: readonly FactoryStorage[];
  readonly reload: () => void;
}

/** For how long each level of a factory's history is kept; owners of the appliance change it. */
export const Kept = ({ factories, reload }: KeptProps) => {
  const [changing, setChanging] = useState<FactoryStorage>();
  return (
    <Panel title={text.keptFor} flush foot={<span>{text.keptNote}</span>}>
      <Table
        label={text.keptFor}
        columns={columns(isOwner.value ? setChanging : null)}
        rows={factories}
        keyOf={({ id }) => id}
        class="sto__table"
      />
      {changing !== undefined && (
        <KeptForm factory={changing} onClose={() => setChanging(undefined)} onChanged={reload} />
      )}
    </Panel>
  );
};
