import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCode } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { PROBLEM_MEDIA_TYPE, type Problem } from './problem.ts';

/** By the code of Node's error: status, type and what to do. Everything else is not HTTP. */
const REFUSALS: Readonly<Record<string, readonly [status: number, type: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'headers_too_large',
    'the address and the headers together are too long: ask for less at once',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'too_large', 'the chunk extensions are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'the request did not come in time'],
};
const NOT_HTTP = [400, 'malformed', 'this is not a request of HTTP/1.1'] as const;

function problemOf(error: Error): Problem {
  const [status, type, detail] = REFUSALS[systemCode(error) ?? ''] ?? NOT_HTTP;
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: `urn:factoryops:problem:${type}`, title, status, detail, instance: newId(), errors: [] };
}

function textOf(problem: Problem): string {
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-ID: ${problem.instance}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Answers what Node cannot read as a request, and so never reaches the application, as every other error: with a problem
 * and a request id. The connection ends with it.
 */
export function answerUnreadable(server: Server, log: Log): void {
  const newest = new WeakMap<Duplex, { readonly req: IncomingMessage; readonly res: ServerResponse }>();
  server.on('request', (req, res) => newest.set(req.socket, { req, res }));
  server.on('clientError', (error, socket) => {
    const exchange = newest.get(socket);
    // It would be read as the answer to the request before, unless that is the one that broke off.
    const isAnswering = exchange !== undefined && !exchange.res.writableEnded;
    const isTaken = isAnswering && (exchange.req.complete || exchange.res.headersSent);
    const code = systemCode(error) ?? '';
    // What is no TLS cannot be answered over it, and the listener has counted it.
    if (code === 'ECONNRESET' || /^ERR_(SSL|TLS)_/.test(code) || !socket.writable || isTaken) {
      socket.destroy();
      return;
    }
    const problem = problemOf(error);
    // Not the error itself: it carries what came in, secrets among it.
    log.info(
      { request_id: problem.instance, status: problem.status, code: systemCode(error) },
      'a request could not be read',
    );
    socket.end(textOf(problem), () => socket.destroy());
  });
}
