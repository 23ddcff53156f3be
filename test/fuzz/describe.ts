import type { WireAnswer, WireRequest } from './exchange.ts';

const MOST = 2_000;

/** Text that shows everything in it, and not more than can be read. */
function shown(bytes: Buffer): string {
  const text = bytes.toString();
  const printable = JSON.stringify(text.slice(0, MOST)).slice(1, -1).replaceAll('\\"', '"');
  return text.length > MOST ? `${printable}… (${bytes.length} bytes)` : printable;
}

const headerLines = (headers: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(headers).map(([name, value]) => `    ${name}: ${shown(Buffer.from(String(value)))}`);

/** A request, its answer and what is wrong with it, for people. */
export function describeExchange(request: WireRequest, answer: WireAnswer | undefined, fault: string): string {
  return [
    fault,
    `  ${request.method} ${shown(Buffer.from(request.path))}`,
    ...headerLines(request.headers),
    ...(request.body === undefined ? [] : [`    ${shown(request.body)}`]),
    ...(answer === undefined
      ? []
      : [`  answered ${answer.status}`, ...headerLines(answer.headers), `    ${shown(answer.body)}`]),
  ].join('\n');
}
