import { Panel } from '../../components/panel.tsx';
import { sentence } from '../../format/sentence.ts';
import { text } from '../../text/storage.ts';
import { momentOf } from './sizes.ts';
import type { Storage } from './storage.tsx';

/** What waits to be written into files, and what went wrong lately. */
export const BackgroundWork = ({ storage: { waiting, errors } }: { storage: Storage }) => (
  <Panel title={text.work} flush side={errors.length > 0 && <span class="panel__note">{text.errorsNote}</span>}>
    <div class="panel__body soft stack stack--tight">
      <p>
        {waiting.buckets === 0 || waiting.since === null
          ? text.nothingWaits
          : text.waits(waiting.buckets, momentOf(waiting.since))}
      </p>
      {errors.length === 0 && <p>{text.noErrors}</p>}
    </div>
    {errors.length > 0 && (
      <ul class="list sto__files">
        {errors.map(({ at, work, reason }) => (
          <li key={`${at} ${work} ${reason}`} class="row row--between row--wrap">
            <span>
              <b class="strong">{text.works[work]}</b>: {sentence(reason)}
            </span>
            <span class="muted small">{momentOf(at)}</span>
          </li>
        ))}
      </ul>
    )}
  </Panel>
);
