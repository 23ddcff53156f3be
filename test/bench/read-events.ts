/** Calls `onEvent` with the name and the data of each event of the stream until `signal` aborts. */
export async function readEvents(
  http: string,
  token: string,
  signal: AbortSignal,
  onEvent: (name: string, data: string) => void,
): Promise<void> {
  const answer = await fetch(`${http}/api/v1/stream`, { headers: { Authorization: `Bearer ${token}` }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`the stream answered ${answer.status}`);
  let rest = '';
  try {
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const part = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(event)?.[1] ?? '';
        onEvent(part('event'), part('data'));
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
