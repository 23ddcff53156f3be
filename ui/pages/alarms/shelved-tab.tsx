import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { Alarm, AlarmShelf } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { useAlarmNews } from '../../state/alarm-news.ts';
import { alarmsVersion } from '../../state/alarms.ts';
import { now } from '../../state/clock.ts';
import { useResource } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { AlarmRaised, AlarmSeverity, AlarmWords } from './alarm-cells.tsx';
import { bySeverity } from './alarm-order.ts';
import { countdown, shareLeft } from './countdown.ts';

async function fetchHidden(signal: AbortSignal) {
  const openOnes = { status: 'active,acknowledged,cleared' } as const;
  const [shelves, shelved, suppressed] = await Promise.all([
    call('GET /alarm-shelves', { signal }),
    everyPage((page) => call('GET /alerts', { query: { ...openOnes, shelved: 'true', ...page }, signal })),
    everyPage((page) => call('GET /alerts', { query: { ...openOnes, suppressed: 'true', ...page }, signal })),
  ]);
  return { shelves: shelves.items, shelved, suppressed: suppressed.toSorted(bySeverity) };
}

const Shelf = ({ shelf, alarm, onDone }: { shelf: AlarmShelf; alarm: Alarm | undefined; onDone: () => void }) => {
  const [isBusy, setBusy] = useState(false);
  const until = Date.parse(shelf.until);
  const take = () => {
    setBusy(true);
    call('DELETE /alarm-shelves/{id}', { path: { id: shelf.id } })
      .then(() => {
        toast(text.unshelved);
        onDone();
      })
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <li class="al__shelf">
      <span>{alarm === undefined ? <span class="muted small">–</span> : <AlarmSeverity alarm={alarm} />}</span>
      <span class="al__shelf-what">
        {alarm === undefined ? (
          <span>
            <b class="strong">{shelf.device_key}</b> <span class="soft">{shelf.rule_name}</span>
          </span>
        ) : (
          <AlarmWords alarm={alarm} />
        )}
        <small class="muted">
          {shelf.reason}, {shelf.shelved_by}
        </small>
      </span>
      <span class="al__shelf-left">
        <b class="num">{text.left(countdown(until - now.value))}</b>
        <span class="bar" aria-hidden="true">
          <i style={{ width: `${shareLeft(Date.parse(shelf.shelved_at), until, now.value) * 100}%` }} />
        </span>
        {shelf.one_shot && <small class="muted">{text.orNormal}</small>}
      </span>
      {may('operator') && (
        <Button small busy={isBusy} onClick={take}>
          {text.unshelve}
        </Button>
      )}
    </li>
  );
};

/** What is out of the way: by hand for a time, or because of another alarm or of work on the device. */
export const ShelvedTab = () => {
  const { data, error, reload, refresh } = useResource(`shelved alarms ${alarmsVersion()}`, fetchHidden, {
    keepsData: true,
  });
  useAlarmNews(refresh);
  // One that ends while nobody has an alarm of it tells nothing.
  const shelves = data?.shelves.filter(({ until }) => Date.parse(until) > now.value);
  const alarmOf = ({ rule_id, device_id }: AlarmShelf) =>
    data?.shelved.find((alarm) => alarm.rule_id === rule_id && alarm.device_id === device_id);
  return (
    <>
      <Panel title={text.shelvedTitle} flush side={<span class="panel__note">{text.shelvedNote}</span>}>
        {shelves === undefined && (
          <div class="panel__body">
            {error === undefined ? <Skeleton lines={4} /> : <Failed error={error} retry={reload} />}
          </div>
        )}
        {shelves?.length === 0 && (
          <Empty
            icon="shelf"
            title={text.shelvedNoneTitle}
            action={<ButtonLink href="/alarms">{text.toActive}</ButtonLink>}
          >
            {text.shelvedNoneBody}
          </Empty>
        )}
        {shelves !== undefined && shelves.length > 0 && (
          <ul class="list">
            {shelves.map((shelf) => (
              <Shelf key={shelf.id} shelf={shelf} alarm={alarmOf(shelf)} onDone={reload} />
            ))}
          </ul>
        )}
      </Panel>
      {data !== undefined && data.suppressed.length > 0 && (
        <Panel title={text.suppressedTitle} flush side={<span class="panel__note">{text.suppressedNote}</span>}>
          <ul class="list">
            {data.suppressed.map((alarm) => (
              <li key={alarm.id} class="al__shelf">
                <AlarmSeverity alarm={alarm} />
                <span class="al__shelf-what">
                  <AlarmWords alarm={alarm} />
                  <small class="muted">{alarm.suppression !== null && text.suppressions[alarm.suppression]}</small>
                </span>
                <span class="al__shelf-left small">
                  <AlarmRaised alarm={alarm} />
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
};
