import { eventually, type Person } from './appliance.ts';
import type { Json } from './json.ts';

const WAIT_MS = 60_000;

/** Sends the bytes of an announced import. */
export async function sendContent(http: string, { token }: Person, id: string, content: string | Buffer, query = '') {
  const answer = await fetch(`${http}/api/v1/imports/${id}/content?${query}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(Buffer.from(content)),
  });
  return { status: answer.status, body: (await answer.json()) as Json };
}

/** Waits until an import is in one of these states. */
export const stateOf = (person: Person, id: string, states: readonly string[]): Promise<Json> =>
  eventually(async () => {
    const job = await person.get(`/imports/${id}`);
    return states.includes(job.state) ? job : undefined;
  }, WAIT_MS);

/** A file that has been sent and looked at. */
export async function examined(
  http: string,
  person: Person,
  content: string | Buffer,
  options: object = {},
): Promise<Json> {
  const { body, status } = await person.call('POST', '/imports', { file_name: 'history.csv', options });
  if (status !== 201) throw new Error(`it was not announced: ${JSON.stringify(body)}`);
  const sent = await sendContent(http, person, body.id, content);
  if (sent.status !== 200) throw new Error(`it was not taken: ${JSON.stringify(sent.body)}`);
  return stateOf(person, body.id, ['ready', 'failed']);
}

/** Everything that a factory has of a time, as its export says it: line by line, sorted. */
export async function exported(http: string, { token }: Person, from: number, to: number): Promise<string[]> {
  const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  const answer = await fetch(`${http}/api/v1/history/export?${range}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  if (answer.status !== 200) throw new Error(`the export answered ${answer.status}: ${await answer.text()}`);
  return (await answer.text()).split('\r\n').toSorted();
}
