import type { Context } from 'koa';
import { AppError } from '../core/errors.ts';

/** Above this the client is behind: a sender that can coalesce or skip should. */
const BEHIND_BYTES = 65_536;
/** Above this the stream ends: the client did not read what was sent, and comes back with `Last-Event-ID`. */
const LIMIT_BYTES = 1_048_576;
const KEEPALIVE_MS = 15_000;
const RECHECK_MS = 3_000;
const RETRY_MS = 2_000;
/** How long a closed stream may take to hand over its last events. */
const CLOSE_MS = 1_000;

export interface EventStreamOptions {
  /** Called exactly once, however the stream ends. */
  readonly onClose?: () => void;
  /** Called when a client that was behind has caught up. */
  readonly onWritable?: () => void;
}

/** Server-sent events to one client (WHATWG HTML, 9.2). Bounded: see `writable` and `send`. */
export interface EventStream {
  /** False while more than 64 KiB wait for the client, and after the end. */
  readonly writable: boolean;
  readonly closed: boolean;
  /** What the client says it has seen last, when it comes back; undefined on a first visit. */
  readonly lastEventId: string | undefined;
  /**
   * Sends one event; `data` goes as JSON. With more than 1 MiB waiting the stream is ended instead: the client is
   * lost, or reconnects. Returns false when nothing was sent. `event` and `id` are single lines.
   */
  send(event: string, data: unknown, id?: string): boolean;
  /** The same with data that is JSON already: made once for many clients. */
  sendJson(event: string, json: string, id?: string): boolean;
  close(): void;
}

export interface EventStreamsDeps {
  readonly maxStreams: number;
  /** So that one browser, or one program, cannot hold all of them. */
  readonly maxPerHolder: number;
  /** Of a factory: nor can one factory. */
  readonly maxPerFactory: (factoryId: number) => number;
  /** Open streams, whenever that changes. */
  readonly onCount: (open: number) => void;
  readonly keepaliveMs?: number;
  readonly recheckMs?: number;
}

/** Whose stream it is, and until when. */
export interface StreamHolder {
  /** The session or the API key; undefined when nobody is signed in. */
  readonly holderId: string | undefined;
  readonly factoryId: number | undefined;
  /** Asked every few seconds; the stream ends at a no. When it throws, it is asked again. */
  readonly isAllowed: () => boolean;
}

/** The open event streams of the appliance: bounded in number, all ended at `closeAll`. */
export interface EventStreams {
  /**
   * Answers `ctx` with a stream that ends when the client leaves, stops reading, or its holder may not any more.
   *
   * @throws {AppError} `too_many` above a bound
   */
  open(ctx: Context, holder: StreamHolder, options?: EventStreamOptions): EventStream;
  closeAll(): void;
}

export function createEventStreams(deps: EventStreamsDeps): EventStreams {
  const open = new Map<EventStream, StreamHolder>();

  /** @throws {AppError} `too_many` */
  const checkBounds = ({ holderId, factoryId }: StreamHolder) => {
    if (open.size >= deps.maxStreams) {
      throw new AppError(
        'too_many',
        `there are ${deps.maxStreams} open streams already: close one, or try again later`,
      );
    }
    if (holderId === undefined) return;
    const holders = [...open.values()];
    const held = holders.filter((holder) => holder.holderId === holderId).length;
    if (held >= deps.maxPerHolder) {
      throw new AppError('too_many', `this session has ${held} open streams already: close one`);
    }
    if (factoryId === undefined) return;
    const ofFactory = holders.filter((holder) => holder.factoryId === factoryId).length;
    if (ofFactory >= deps.maxPerFactory(factoryId)) {
      throw new AppError('too_many', `this factory has ${ofFactory} open streams already: close one`);
    }
  };

  return {
    closeAll: () => {
      for (const stream of [...open.keys()]) stream.close();
    },

    open: (ctx, holder, options = {}) => {
      checkBounds(holder);
      const { res } = ctx;
      ctx.respond = false;
      ctx.req.socket.setTimeout(0);
      ctx.req.socket.setNoDelay(true);
      res.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      res.write(`retry: ${RETRY_MS}\n\n`);

      let closed = false;
      let stuckTicks = 0;
      const keepalive = setInterval(() => {
        // Two intervals without room for a comment: nobody is reading.
        stuckTicks = res.writableLength > 0 ? stuckTicks + 1 : 0;
        if (stuckTicks >= 2) stream.close();
        else if (stuckTicks === 0) res.write(': keep-alive\n\n');
      }, deps.keepaliveMs ?? KEEPALIVE_MS).unref();
      const recheck = setInterval(() => {
        try {
          if (!holder.isAllowed()) stream.close();
        } catch {
          // The database could not be asked just now: the next round asks again.
        }
      }, deps.recheckMs ?? RECHECK_MS).unref();

      const finish = () => {
        if (closed) return;
        closed = true;
        clearInterval(keepalive);
        clearInterval(recheck);
        open.delete(stream);
        deps.onCount(open.size);
        options.onClose?.();
      };

      const stream: EventStream = {
        get writable() {
          return !closed && res.writableLength < BEHIND_BYTES;
        },
        get closed() {
          return closed;
        },
        lastEventId: ctx.get('Last-Event-ID') || undefined,
        send: (event, data, id) => stream.sendJson(event, JSON.stringify(data), id),
        sendJson: (event, json, id) => {
          if (closed) return false;
          if (res.writableLength > LIMIT_BYTES) {
            stream.close();
            return false;
          }
          const idLine = id === undefined ? '' : `id: ${id}\n`;
          res.write(`${idLine}event: ${event}\ndata: ${json}\n\n`);
          return true;
        },
        close: () => {
          if (closed) return;
          finish();
          res.end();
          // A client that does not read would hold what still waits for it, and its socket, for ever.
          const deadline = setTimeout(() => res.destroy(), CLOSE_MS).unref();
          res.once('close', () => clearTimeout(deadline));
        },
      };
      open.set(stream, holder);
      deps.onCount(open.size);
      res.on('drain', () => {
        if (!closed) options.onWritable?.();
      });
      res.on('close', finish);
      res.on('error', finish);
      if (ctx.method === 'HEAD') stream.close();
      return stream;
    },
  };
}
