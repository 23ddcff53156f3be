import type { FieldFault } from '../../api/client.ts';
import { call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Fault } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { addressOfPart, maySee } from '../../components/settings-parts.ts';
import { useResource } from '../../state/resource.ts';
import { returns } from '../../state/stream.ts';
import { text } from '../../text/rules.ts';
import { faultAt } from './faults.ts';
import { PickedList } from './picked-list.tsx';
import type { RuleDraft } from './rule-draft.ts';
import { ChoiceToken, DurationToken, LastWord, OpenToken } from './token.tsx';

interface NotifyPanelProps {
  readonly draft: RuleDraft;
  readonly onDraft: (draft: RuleDraft) => void;
  readonly faults: readonly FieldFault[];
}

type Notification = RuleDraft['notifications'][number];
type Notice = Notification['on'][number];
type Step = RuleDraft['escalation'][number];
type Channels = readonly (readonly [id: string, name: string])[];

const NOTICES = Object.keys(text.notices) as Notice[];
const FIRST_STEP_S = 900;

/** A channel that is gone is still said, so that it can be changed; before they are known none is. */
function choicesWith(channels: Channels | undefined, id: string): Channels {
  if (channels === undefined) return [[id, '…']];
  return channels.some(([known]) => known === id) ? channels : [...channels, [id, text.channelGone]];
}

interface LineProps<Item> {
  readonly item: Item;
  readonly channels: Channels | undefined;
  readonly fault: string | undefined;
  readonly onItem: (item: Item) => void;
  readonly onRemove: () => void;
}

const Telling = ({ item, channels, fault, onItem, onRemove }: LineProps<Notification>) => (
  <li>
    <div class="rl__row">
      <div class="rl__sentence">
        {text.tell}{' '}
        <ChoiceToken
          token="channel"
          label={text.channel}
          choices={choicesWith(channels, item.channel_id)}
          current={item.channel_id}
          onChoose={(id) => onItem({ ...item, channel_id: id })}
        />{' '}
        {text.whenAlarm}{' '}
        <LastWord>
          <OpenToken
            token="notices"
            label={text.noticesLabel}
            isFaulty={fault !== undefined}
            shown={item.on.length === 0 ? text.choose : item.on.map((notice) => text.notices[notice]).join(', ')}
          >
            {() => (
              <div class="rl__pick">
                <PickedList
                  label={text.noticesLabel}
                  items={NOTICES.map((notice) => ({ id: notice, name: text.notices[notice] }))}
                  picked={item.on}
                  onPick={(picked) => onItem({ ...item, on: NOTICES.filter((notice) => picked.includes(notice)) })}
                />
              </div>
            )}
          </OpenToken>
        </LastWord>
      </div>
      <Button small look="quiet" icon="close" label={text.removeTelling} onClick={onRemove} />
    </div>
    <Fault>{fault}</Fault>
  </li>
);

const Escalation = ({ item, channels, fault, onItem, onRemove }: LineProps<Step>) => (
  <li>
    <div class="rl__row">
      <div class="rl__sentence">
        {text.after}{' '}
        <DurationToken
          token="after"
          label={text.afterLabel}
          isFaulty={fault !== undefined}
          value={item.after_seconds}
          unread={Number.NaN}
          onValue={(seconds) => onItem({ ...item, after_seconds: seconds ?? 0 })}
        />{' '}
        {text.unacknowledged}{' '}
        <LastWord>
          <ChoiceToken
            token="channel"
            label={text.channel}
            choices={choicesWith(channels, item.channel_id)}
            current={item.channel_id}
            onChoose={(id) => onItem({ ...item, channel_id: id })}
          />
        </LastWord>
      </div>
      <Button small look="quiet" icon="close" label={text.removeStep} onClick={onRemove} />
    </div>
    <Fault>{fault}</Fault>
  </li>
);

/** Who is told of the alarms of a rule, and who else when nobody acknowledges. */
export const NotifyPanel = ({ draft, onDraft, faults }: NotifyPanelProps) => {
  const { notifications, escalation } = draft;
  const { data } = useResource(
    `channels ${returns.value}`,
    async (signal) => (await call('GET /notification-channels', { signal })).items,
    { keepsData: true },
  );
  const channels = data?.map(({ id, name, is_active }) => [id, is_active ? name : text.channelOff(name)] as const);
  const [first] = channels ?? [];
  const unused = channels?.find(([id]) => notifications.every(({ channel_id }) => channel_id !== id)) ?? first;
  const last = escalation.at(-1)?.after_seconds;
  return (
    <Panel title={text.notify}>
      <div class="stack stack--tight">
        {data !== undefined && first === undefined && (
          <p class="small soft">
            {text.noChannels} {maySee('channels') && <a href={addressOfPart('channels')}>{text.toChannels}</a>}
          </p>
        )}
        {first !== undefined && notifications.length + escalation.length === 0 && (
          <p class="small soft">{text.nobodyTold}</p>
        )}
        <ul class="rl__tells">
          {notifications.map((item, place) => (
            <Telling
              key={place}
              item={item}
              channels={channels}
              fault={faultAt(faults, `/notifications/${place}`)}
              onItem={(next) => onDraft({ ...draft, notifications: notifications.with(place, next) })}
              onRemove={() => onDraft({ ...draft, notifications: notifications.toSpliced(place, 1) })}
            />
          ))}
          {escalation.map((item, place) => (
            <Escalation
              key={`after ${place}`}
              item={item}
              channels={channels}
              fault={faultAt(faults, `/escalation/${place}`)}
              onItem={(next) => onDraft({ ...draft, escalation: escalation.with(place, next) })}
              onRemove={() => onDraft({ ...draft, escalation: escalation.toSpliced(place, 1) })}
            />
          ))}
        </ul>
        {first !== undefined && unused !== undefined && (
          <span class="row row--wrap">
            <Button
              small
              look="quiet"
              icon="plus"
              onClick={() =>
                onDraft({ ...draft, notifications: [...notifications, { channel_id: unused[0], on: ['raised'] }] })
              }
            >
              {text.addTelling}
            </Button>
            <Button
              small
              look="quiet"
              icon="plus"
              onClick={() => {
                const after = last === undefined ? FIRST_STEP_S : last * 2;
                onDraft({ ...draft, escalation: [...escalation, { after_seconds: after, channel_id: first[0] }] });
              }}
            >
              {text.addStep}
            </Button>
          </span>
        )}
      </div>
    </Panel>
  );
};
