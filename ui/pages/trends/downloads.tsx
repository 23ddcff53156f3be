import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { TrendModel } from '../../charts/trend-model.ts';
import type { TrendSeries } from '../../charts/trend-series.ts';
import { Button } from '../../components/button.tsx';
import { Menu, MenuItem, Popover } from '../../components/menu.tsx';
import { saveFile } from '../../components/save-file.ts';
import { formatCount } from '../../format/number.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/trends.ts';
import { csvOfDrawn, fileName } from './csv.ts';
import { type Progress, rawCsv } from './raw-download.ts';

const CSV = 'text/csv;charset=utf-8';

interface DownloadsProps {
  readonly model: TrendModel;
  readonly series: readonly TrendSeries[];
}

/** A raw download under way: how far it is, and the way to stop it. */
function useRawDownload({ model, series }: DownloadsProps) {
  const progress = useSignal<Progress | undefined>(undefined);
  const stopping = useRef<AbortController | undefined>(undefined);
  const start = async () => {
    const window = model.view.window.peek();
    const attempt = new AbortController();
    stopping.current = attempt;
    progress.value = { rows: 0, share: 0 };
    try {
      const parts = await rawCsv(series, window, attempt.signal, (now) => {
        progress.value = now;
      });
      saveFile(fileName('samples', window), parts, CSV);
      toast(text.downloaded(formatCount(progress.peek()?.rows ?? 0)));
    } catch (error) {
      if (attempt.signal.aborted) toast(text.downloadStopped);
      else toastError(error);
    } finally {
      progress.value = undefined;
    }
  };
  return { progress, start, stop: () => stopping.current?.abort() };
}

/** What is drawn as a file, or every sample behind it. */
export const Downloads = ({ model, series }: DownloadsProps) => {
  const raw = useRawDownload({ model, series });
  const drawn = () => {
    const window = model.view.window.peek();
    const shown = series.filter((one) => !model.hidden.peek().has(`${one.deviceId} ${one.parameter}`));
    const csv = csvOfDrawn(
      shown.map((one) => ({ series: one, track: model.trackOf(one) })),
      window,
    );
    saveFile(fileName('drawn', window), [csv], CSV);
  };
  const { value: progress } = raw.progress;
  if (progress !== undefined) {
    return (
      <span class="row" role="status">
        <span class="small soft">{text.downloading(formatCount(progress.rows), Math.round(progress.share * 100))}</span>
        <Button icon="close" onClick={raw.stop}>
          {text.stopDownload}
        </Button>
      </span>
    );
  }
  return (
    <Popover
      button={(attributes) => (
        <Button icon="download" {...attributes}>
          {text.download}
        </Button>
      )}
    >
      {(close) => (
        <Menu label={text.download}>
          <MenuItem
            onChoose={() => {
              close();
              drawn();
            }}
          >
            <span class="nav__two">
              <span>{text.downloadDrawn}</span>
              <small>{text.downloadDrawnHint}</small>
            </span>
          </MenuItem>
          <MenuItem
            onChoose={() => {
              close();
              void raw.start();
            }}
          >
            <span class="nav__two">
              <span>{text.downloadRaw}</span>
              <small>{text.downloadRawHint}</small>
            </span>
          </MenuItem>
        </Menu>
      )}
    </Popover>
  );
};
