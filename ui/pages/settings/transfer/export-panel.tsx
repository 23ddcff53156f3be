import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { TimeRange } from '../../../charts/range.ts';
import { TimeRangePicker } from '../../../charts/time-range-picker.tsx';
import { useTimeRange } from '../../../charts/use-time-range.ts';
import { Choice } from '../../../components/choice.tsx';
import { Download } from '../../../components/download.tsx';
import { Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { applianceNow, now } from '../../../state/clock.ts';
import { useQuery } from '../../../state/query.ts';
import { timezone } from '../../../state/session.ts';
import { text } from '../../../text/transfer.ts';
import { type Directory, useDirectory } from '../../trends/directory.ts';
import { Checklist } from './checklist.tsx';
import { type ExportQuestion, exportAddress, listText, MAX_DEVICES, readQuestion } from './export-question.ts';

const DAY: TimeRange = { kind: 'relative', spanMs: 86_400_000 };

type SetQuery = ReturnType<typeof useQuery>['set'];
type PartProps = { readonly question: ExportQuestion; readonly directory: Directory; readonly set: SetQuery };

const Part = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div class="tf__part">
    <span class="label">{label}</span>
    <div class="stack stack--tight">{children}</div>
  </div>
);

const AllOrSome = ({ label, isAll, onAll }: { label: string; isAll: boolean; onAll: (isAll: boolean) => void }) => (
  <Segmented
    label={label}
    current={isAll ? 'all' : 'some'}
    choices={[
      ['all', text.all],
      ['some', text.some],
    ]}
    onChoose={(id) => onAll(id === 'all')}
  />
);

const ExportDevices = ({ question, directory, set }: PartProps) => {
  const { devices } = question;
  const choose = (chosen: readonly string[] | undefined) => set({ devices: listText(chosen) }, { replace: true });
  const known = directory.devices.data;
  return (
    <Part label={text.devices}>
      <AllOrSome label={text.devices} isAll={devices === undefined} onAll={(isAll) => choose(isAll ? undefined : [])} />
      {devices !== undefined && known === undefined && <Skeleton lines={4} />}
      {devices !== undefined && known !== undefined && (
        <Checklist
          label={text.devices}
          searchLabel={text.findDevice}
          items={known.map(({ id, key, name }) => ({
            id,
            label: name || key,
            ...(name && name !== key && { note: key }),
          }))}
          chosen={devices}
          most={MAX_DEVICES}
          none={text.noDevices}
          onChoose={choose}
        />
      )}
    </Part>
  );
};

const ExportParameters = ({ question, directory, set }: PartProps) => {
  const { devices, parameters } = question;
  const choose = (chosen: readonly string[] | undefined) => set({ parameters: listText(chosen) }, { replace: true });
  const known = directory.devices.data;
  const those = devices === undefined ? known : known?.filter(({ id }) => devices.includes(id));
  const isOpen = parameters !== undefined;
  useEffect(() => {
    if (isOpen && those !== undefined) directory.want(those);
  }, [isOpen, those?.length, directory]);
  const lists = those?.map((device) => directory.parametersOf(device));
  const isThere = lists?.every((list) => list !== undefined) === true;
  const found = new Map<string, string | undefined>();
  for (const { name, display_name } of lists?.flatMap((list) => list ?? []) ?? []) {
    if (!found.has(name)) found.set(name, display_name ?? undefined);
  }
  const items = [...found].map(([name, note]) => ({ id: name, label: name, ...(note && { note }) }));
  return (
    <Part label={text.parameters}>
      <AllOrSome
        label={text.parameters}
        isAll={parameters === undefined}
        onAll={(isAll) => choose(isAll ? undefined : [])}
      />
      {isOpen && !isThere && <Skeleton lines={4} />}
      {isOpen && isThere && (
        <Checklist
          label={text.parameters}
          searchLabel={text.findParameter}
          items={items.toSorted((a, b) => a.label.localeCompare(b.label))}
          chosen={parameters}
          none={devices?.length === 0 ? text.chooseDevice : text.noParameters}
          onChoose={choose}
        />
      )}
    </Part>
  );
};

const FormatAndLayout = ({ question: { format, layout }, set }: Omit<PartProps, 'directory'>) => (
  <>
    <Part label={text.format}>
      <Segmented
        label={text.format}
        current={format}
        choices={(['csv', 'parquet'] as const).map((id) => [id, text.formats[id]])}
        onChoose={(id) => set({ format: id === 'csv' ? undefined : id }, { replace: true })}
      />
      <p class="small muted">{text.formatHints[format]}</p>
    </Part>
    {format === 'csv' && (
      <Part label={text.layout}>
        <fieldset class="tf__choices" aria-label={text.layout}>
          {(['long', 'wide'] as const).map((id) => (
            <Choice
              key={id}
              name="layout"
              label={text.layouts[id][0] ?? ''}
              hint={text.layouts[id][1]}
              isChosen={layout === id}
              onChoose={() => set({ layout: id === 'long' ? undefined : id }, { replace: true })}
            />
          ))}
        </fieldset>
      </Part>
    )}
  </>
);

const faultOf = ({ devices, parameters }: ExportQuestion): string | undefined => {
  if (devices?.length === 0) return text.chooseDevice;
  return parameters?.length === 0 ? text.chooseParameter : undefined;
};

/** Samples as a file: of which devices and parameters, of which time, in which form. Kept in the address. */
export const ExportPanel = () => {
  const { values, set } = useQuery();
  const [range, setRange] = useTimeRange(DAY);
  const directory = useDirectory();
  const question = readQuestion(values, range);
  const part = { question, directory, set };
  return (
    <Panel title={text.export} side={<span class="panel__note">{text.exportNote}</span>}>
      <div class="stack">
        <ExportDevices {...part} />
        <ExportParameters {...part} />
        <Part label={text.time}>
          <TimeRangePicker range={range} onRange={setRange} hasLive={false} />
        </Part>
        <FormatAndLayout {...part} />
        <Download
          key={JSON.stringify(question)}
          label={text.download(text.formats[question.format])}
          href={exportAddress(question, now.value, timezone.value)}
          addressNow={() => exportAddress(question, applianceNow(), timezone.peek())}
          fault={faultOf(question)}
        />
      </div>
    </Panel>
  );
};
