import type { ConnectionEvent } from '../api/schema.ts';
import { sentence } from '../format/sentence.ts';
import { formatTime } from '../format/time.ts';
import { timezone } from '../state/session.ts';
import { text } from '../text/connections.ts';

const timeOf = (iso: string) => formatTime(Date.parse(iso), 'date_minute', timezone.value);

const Entry = ({ event, hasDevices }: { event: ConnectionEvent; hasDevices: boolean }) => {
  const { kind, client_id, username, source, detail, remedy, devices, payload, count, first_at, last_at } = event;
  const isTrouble = kind === 'refused' || kind === 'dropped';
  return (
    <li>
      <div class="row row--between row--wrap">
        <span class="row row--wrap log__who">
          <span class={isTrouble ? 'chip chip--plain strong' : 'chip chip--plain'}>{text.kinds[kind]}</span>
          <b class="strong mono">{client_id === '' ? text.noClientId : client_id}</b>
          <span class="muted">
            {username ?? text.anonymous}
            {source !== '' && ` ${text.at(source)}`}
          </span>
        </span>
        <span class="muted small nowrap">
          {text.firstAndLast(timeOf(first_at), timeOf(last_at))}
          {count > 1 && ` · ${text.times(count)}`}
        </span>
      </div>
      <p class={isTrouble ? '' : 'soft'}>{sentence(detail)}</p>
      {remedy !== null && <p class="small soft">{remedy}</p>}
      {payload !== null && (
        <details class="log__payload">
          <summary>{text.payload}</summary>
          <pre class="mono">{payload}</pre>
        </details>
      )}
      {hasDevices && devices.length > 0 && (
        <p class="row row--wrap small">
          <span class="muted">{text.devices}</span>
          {devices.map(({ key, id }) =>
            id === null ? (
              <span class="mono" key={key}>
                {key}
              </span>
            ) : (
              <a class="mono" href={`/devices/${id}`} key={key}>
                {key}
              </a>
            ),
          )}
        </p>
      )}
    </li>
  );
};

interface ConnectionLogProps {
  readonly events: readonly ConnectionEvent[];
  /** Names the devices of each entry. */
  readonly hasDevices?: boolean;
}

/** Who came, left, was dropped or refused, and why; newest first, repeats counted. */
export const ConnectionLog = ({ events, hasDevices = false }: ConnectionLogProps) => (
  <ul class="list log">
    {events.map((event) => (
      <Entry
        key={JSON.stringify([event.client_id, event.username, event.source, event.reason])}
        event={event}
        hasDevices={hasDevices}
      />
    ))}
  </ul>
);
