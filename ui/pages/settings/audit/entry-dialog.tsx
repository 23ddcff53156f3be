import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { formatTime, zoneName } from '../../../format/time.ts';
import { timezone } from '../../../state/session.ts';
import { text } from '../../../text/audit.ts';
import { text as common } from '../../../text/common.ts';
import { actionWords, actorWords, type Entry, fieldWord, isNothing, kindWord, valueWords } from './wording.ts';

type Change = Entry['changes'][number];
type Values = Readonly<Record<string, unknown>>;

/** Before and after, side by side; what was made or removed has one side. */
const Diff = ({ before, after }: { before: Values | null; after: Values | null }) => {
  const fields = Object.keys(after ?? before ?? {});
  if (fields.length === 0) return null;
  return (
    <table class="aud__diff">
      <thead>
        <tr>
          <th scope="col">{text.field}</th>
          {before !== null && <th scope="col">{text.before}</th>}
          {after !== null && <th scope="col">{text.after}</th>}
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field}>
            <th scope="row">{fieldWord(field)}</th>
            {before !== null && (
              <td data-l={text.before}>
                <del class={isNothing(before[field]) ? 'is-none' : ''}>{valueWords(before[field])}</del>
              </td>
            )}
            {after !== null && (
              <td data-l={text.after}>
                <ins>{valueWords(after[field])}</ins>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const ChangeOf = ({ change: { kind, name, id, before, after } }: { change: Change }) => (
  <section class="aud__change">
    <h3>
      {kindWord(kind)} <span class="soft">{name || id}</span>
    </h3>
    {before === null && <p class="small soft">{text.created}</p>}
    {after === null && <p class="small soft">{text.removed}</p>}
    <Diff before={before} after={after} />
  </section>
);

const Asked = ({ details }: { details: Values }) => (
  <section class="aud__change">
    <h3>{text.asked}</h3>
    <dl class="kv">
      {Object.entries(details).map(([field, value]) => (
        <div key={field} class="aud__pair">
          <dt>{fieldWord(field)}</dt>
          <dd>{valueWords(value)}</dd>
        </div>
      ))}
    </dl>
  </section>
);

/** Everything that an entry says. */
export const EntryDialog = ({ entry, onClose }: { entry: Entry; onClose: () => void }) => {
  const { at, action, target, address, request_id, changes, more, details } = entry;
  const actor = actorWords(entry);
  const ms = Date.parse(at);
  const facts: readonly (readonly [string, string, boolean?])[] = [
    [text.when, `${formatTime(ms, 'date_time', timezone.value)} ${zoneName(ms, timezone.value)}`],
    [text.who, actor.note === '' ? actor.name : `${actor.name} (${actor.note})`],
    ...(address === '' ? [] : [[text.where, address, true] as const]),
    ...(request_id === '' ? [] : [[text.request, request_id, true] as const]),
    ...('seq' in entry
      ? [
          [text.factory, entry.factory ?? text.noFactory] as const,
          [text.number, String(entry.seq)] as const,
          [text.hash, entry.hash, true] as const,
        ]
      : []),
  ];
  return (
    <Dialog
      title={`${actionWords(action)}${target.name === '' ? '' : `: ${target.name}`}`}
      onClose={onClose}
      foot={<Button onClick={onClose}>{common.close}</Button>}
    >
      <dl class="kv">
        {facts.map(([label, value, isCode]) => (
          <div key={label} class="aud__pair">
            <dt>{label}</dt>
            <dd class={isCode === true ? 'mono small' : ''}>{value}</dd>
          </div>
        ))}
      </dl>
      {changes.map((change) => (
        <ChangeOf key={`${change.kind} ${change.id}`} change={change} />
      ))}
      {Object.entries(more).map(([kind, count]) => (
        <p key={kind} class="small soft">
          {text.more(count, kindWord(kind))}
        </p>
      ))}
      {details !== null && <Asked details={details} />}
    </Dialog>
  );
};
