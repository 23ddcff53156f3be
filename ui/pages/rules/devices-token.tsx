import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Device } from '../../api/schema.ts';
import { focusWhenShown } from '../../components/menu.tsx';
import { Segmented } from '../../components/tabs.tsx';
import { tagsOf } from '../../format/tags.ts';
import { text } from '../../text/rules.ts';
import { appliedText, appliedTo, nameOfDevice } from './applied-devices.ts';
import { PickedList } from './picked-list.tsx';
import type { RuleDraft } from './rule-draft.ts';
import { OpenToken } from './token.tsx';

interface DevicesTokenProps {
  readonly draft: RuleDraft;
  readonly devices: readonly Device[];
  readonly onDraft: (draft: RuleDraft) => void;
  readonly isFaulty: boolean;
}

const KINDS = [
  ['all', text.devicesKinds.all],
  ['tags', text.devicesKinds.tags],
  ['names', text.devicesKinds.names],
] as const;
type Kind = (typeof KINDS)[number][0];

const kindOf = ({ device_ids, tags }: RuleDraft): Kind =>
  tags.length > 0 ? 'tags' : device_ids.length > 0 ? 'names' : 'all';

const Chooser = ({ draft, devices, onDraft }: Omit<DevicesTokenProps, 'isFaulty'>) => {
  const [kind, setKind] = useState(kindOf(draft));
  const chooser = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => focusWhenShown(chooser.current?.querySelector<HTMLElement>('[aria-pressed="true"]')), []);
  const tags = tagsOf(devices);
  return (
    <div class="rl__pick" ref={chooser}>
      <Segmented
        small
        label={text.devicesTitle}
        choices={KINDS}
        current={kind}
        onChoose={(next) => {
          setKind(next);
          if (next === 'all') onDraft({ ...draft, device_ids: [], tags: [] });
        }}
      />
      {kind === 'all' && <p class="small soft">{text.devicesAllHint(devices.length)}</p>}
      {kind === 'tags' && tags.length === 0 && <p class="small soft">{text.noTags}</p>}
      {kind === 'tags' && tags.length > 0 && (
        <PickedList
          label={text.devicesKinds.tags}
          items={tags.map(([tag, count]) => ({ id: tag, name: tag, note: text.tagCount(count) }))}
          picked={draft.tags}
          onPick={(picked) => onDraft({ ...draft, tags: picked })}
        />
      )}
      {kind === 'names' && (
        <PickedList
          key="names"
          label={text.findDevice}
          items={devices.map((device) => ({ id: device.id, name: nameOfDevice(device), note: device.key }))}
          picked={draft.device_ids}
          onPick={(picked) => onDraft({ ...draft, device_ids: picked })}
        />
      )}
      {kind !== 'all' && <p class="small soft">{text.appliesTo(appliedTo(draft, devices).length)}</p>}
    </div>
  );
};

/** Which devices a rule watches, in a word of its sentence. */
export const DevicesToken = ({ isFaulty, ...props }: DevicesTokenProps) => (
  <OpenToken
    token="devices"
    label={text.devicesTitle}
    isFaulty={isFaulty}
    shown={appliedText(props.draft, props.devices)}
  >
    {() => <Chooser {...props} />}
  </OpenToken>
);
