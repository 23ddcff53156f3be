import type { Context } from 'koa';

const EVERY_MS = 3_000;
/** What is offered and not taken for so long is given up, and its place with it. */
const IDLE_MS = 60_000;

/**
 * Looks after what outlives its request: a file that leaves, or comes. It is cut off when its asker may not any more, or
 * when nothing of it has moved for a minute.
 */
export function watchAnswer(ctx: Context, isStillAllowed: () => boolean): void {
  const { socket } = ctx.req;
  let [moved, movedAt] = [-1, performance.now()];
  const timer = setInterval(() => {
    const bytes = socket.bytesRead + socket.bytesWritten - socket.writableLength;
    const now = performance.now();
    if (bytes !== moved) [moved, movedAt] = [bytes, now];
    let isAllowed = true;
    try {
      isAllowed = isStillAllowed();
    } catch {
      // The database could not be asked just now: the next round asks again.
    }
    if (!isAllowed || (socket.writableLength > 0 && now - movedAt > IDLE_MS)) socket.destroy();
  }, EVERY_MS).unref();
  ctx.res.once('close', () => clearInterval(timer));
}
