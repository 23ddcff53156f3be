import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { call } from '../../../api/client.ts';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useResource } from '../../../state/resource.ts';
import { factory, may } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/transfer.ts';
import { SettingsTabs } from '../settings-tabs.tsx';
import { ExportPanel } from './export-panel.tsx';
import { FileDrop } from './file-drop.tsx';
import { addressOf, ImportList, type Imports } from './import-list.tsx';
import { beginUpload, isRemembered, resumeUpload } from './upload.ts';

const EVERY_MS = 3_000;

/** Begins to upload a file, or goes on with it, and shows how far it is. */
const ImportStart = ({ imports }: { imports: Imports }) => {
  const { route } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const take = async (file: File) => {
    const begun = imports.data?.find((job) => isRemembered(job, file));
    if (begun !== undefined) {
      resumeUpload(begun, file);
      toast(text.goesOn(file.name));
      return route(addressOf(begun.id));
    }
    setBusy(true);
    try {
      route(addressOf(await beginUpload(file)));
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  return (
    <Panel title={text.import} side={<span class="panel__note">{text.importNote}</span>}>
      <div class="stack stack--tight">
        <FileDrop label={text.choose} isBusy={isBusy} onFile={(file) => void take(file)} />
        <p class="small soft">{text.startHint}</p>
      </div>
    </Panel>
  );
};

const Import = () => {
  const imports = useResource('imports', async (signal) => (await call('GET /imports', { signal })).items, {
    everyMs: EVERY_MS,
  });
  return (
    <>
      <ImportStart imports={imports} />
      <ImportList imports={imports} />
    </>
  );
};

/** Settings, Import and export: history that comes as a file, for admins, and leaves as one, for all. */
export const TransferSettings = () => (
  <Page title={text.title} sub={text.ofFactory(factory.value?.name ?? '')}>
    <SettingsTabs current="transfer" />
    <div class="stack tf">
      {may('admin') && <Import />}
      <ExportPanel />
    </div>
  </Page>
);
