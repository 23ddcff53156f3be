import { signal } from '@preact/signals';
import { ApiError, call } from '../../../api/client.ts';
import type { Import } from '../../../api/schema.ts';
import { text } from '../../../text/transfer.ts';

/** A file that this window sends. */
export interface Upload {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  /** `waiting`: the line is down, and it goes on by itself. `stopped`: somebody has to do something. `sent`: all is there. */
  readonly state: 'sending' | 'waiting' | 'stopped' | 'sent';
  /** Why it has stopped. */
  readonly reason?: string;
}

const MIB = 1_048_576;
/** The first part is small, so that progress shows soon; on a fast line they grow. */
const [FIRST_BYTES, LEAST_BYTES, MOST_BYTES] = [MIB, MIB / 4, 8 * MIB];
/** A part that takes so long is halved, and one that takes less than the half is doubled (ms). */
const PART_MS = 4_000;
const [FIRST_WAIT_MS, MOST_WAIT_MS] = [500, 8_000];
/** By then everybody who looks at it has asked how it is (ms). */
const SENT_SHOWN_MS = 5_000;
/** So many parts in a row of which nothing has come, though the appliance answers. */
const MAX_STUCK = 5;

/** By the import's id. They outlive the page that began them. */
export const uploads = signal<ReadonlyMap<string, Upload>>(new Map());
const sending = new Map<string, AbortController>();

const set = (id: string, upload: Upload | undefined) => {
  const next = new Map(uploads.peek());
  if (upload === undefined) next.delete(id);
  else next.set(id, upload);
  uploads.value = next;
};

/** What tells a file from another of the same name, for as long as its upload is not over. */
const markOf = ({ size, lastModified }: File) => `${size} ${lastModified}`;
const keyOf = (id: string) => `import ${id}`;

/** Refusals that another try can mend: no answer, a part that is still coming, a restart. */
const isPassing = ({ status, code }: ApiError) =>
  status === 0 || status === 409 || (status >= 500 && code !== 'unavailable');

function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    abort.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(abort.reason);
    });
  });
}

/** How much of the file the appliance has, as soon as it answers; undefined when it has all of it. @throws {ApiError} */
async function bytesThere(id: string, abort: AbortSignal): Promise<number | undefined> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(MOST_WAIT_MS, wait * 2)) {
    await pause(wait, abort);
    try {
      const { state, size_bytes } = await call('GET /imports/{id}', { path: { id }, signal: abort });
      return state === 'uploading' ? size_bytes : undefined;
    } catch (error) {
      if (!(error instanceof ApiError && isPassing(error))) throw error;
    }
  }
}

async function sendAll(id: string, file: File, start: number, abort: AbortSignal): Promise<void> {
  const base = { name: file.name, sizeBytes: file.size };
  let [offset, part, stuck] = [start, FIRST_BYTES, 0];
  for (;;) {
    set(id, { ...base, sentBytes: offset, state: 'sending' });
    const end = Math.min(file.size, offset + part);
    const query = { offset, last: end === file.size ? 'true' : 'false' } as const;
    const began = performance.now();
    try {
      await call('PUT /imports/{id}/content', { path: { id }, query, body: file.slice(offset, end), signal: abort });
      if (end === file.size) return;
      [offset, stuck] = [end, 0];
      const took = performance.now() - began;
      if (took < PART_MS / 2) part = Math.min(MOST_BYTES, part * 2);
      else if (took > PART_MS) part = Math.max(LEAST_BYTES, part / 2);
    } catch (error) {
      if (!(error instanceof ApiError && isPassing(error))) throw error;
      set(id, { ...base, sentBytes: offset, state: 'waiting' });
      part = LEAST_BYTES;
      const there = await bytesThere(id, abort);
      if (there === undefined) return;
      stuck = there > offset ? 0 : stuck + 1;
      if (stuck >= MAX_STUCK || there > file.size) throw new ApiError(0, 'stuck', text.stuck);
      offset = there;
    }
  }
}

async function send(id: string, file: File, start: number): Promise<void> {
  sending.get(id)?.abort();
  const abort = new AbortController();
  sending.set(id, abort);
  localStorage.setItem(keyOf(id), markOf(file));
  try {
    await sendAll(id, file, start, abort.signal);
    set(id, { name: file.name, sizeBytes: file.size, sentBytes: file.size, state: 'sent' });
    setTimeout(() => forget(id), SENT_SHOWN_MS);
  } catch (error) {
    if (abort.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    const before = uploads.peek().get(id);
    if (error.status === 404 || before === undefined) return forget(id);
    set(id, { ...before, state: 'stopped', reason: error.message });
  }
}

function forget(id: string): void {
  sending.delete(id);
  localStorage.removeItem(keyOf(id));
  set(id, undefined);
}

/** Announces a file and begins to send it; its import's id. @throws {ApiError} */
export async function beginUpload(file: File): Promise<string> {
  const { id } = await call('POST /imports', { body: { file_name: file.name.slice(-255) } });
  void send(id, file, 0);
  return id;
}

/** Whether a file is, for all that this browser knows, the one whose upload was cut off. */
export const isRemembered = ({ id, state }: Pick<Import, 'id' | 'state'>, file: File): boolean =>
  state === 'uploading' && !uploads.peek().has(id) && localStorage.getItem(keyOf(id)) === markOf(file);

/** Goes on with an upload that was cut off. Says what is wrong with the file if it is another one. */
export function resumeUpload(job: Pick<Import, 'id' | 'file_name' | 'size_bytes'>, file: File): string | undefined {
  if (file.name.slice(-255) !== job.file_name) return text.otherName(file.name, job.file_name);
  const mark = localStorage.getItem(keyOf(job.id));
  const isSame = mark === null ? file.size >= job.size_bytes : mark.startsWith(`${file.size} `);
  if (!isSame) return text.otherSize;
  void send(job.id, file, job.size_bytes);
  return undefined;
}

/** Ends an import, whatever it does; samples that are stored stay. @throws {ApiError} */
export async function removeImport(id: string): Promise<void> {
  sending.get(id)?.abort();
  forget(id);
  try {
    await call('DELETE /imports/{id}', { path: { id } });
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
