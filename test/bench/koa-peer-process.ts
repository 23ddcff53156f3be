/** The peer: plain Koa, answering texts of given sizes. Started by `koa-peer.ts` only. */
import type { AddressInfo } from 'node:net';
import Koa from 'koa';

const sizes: Readonly<Record<string, number>> = JSON.parse(process.argv[2] ?? '{}');
/** JSON of exactly so many bytes. */
const textOf = (bytes: number) => JSON.stringify({ items: 'x'.repeat(Math.max(0, bytes - '{"items":""}'.length)) });
const texts = new Map(Object.entries(sizes).map(([name, bytes]) => [`/${name}`, textOf(bytes)]));

const app = new Koa();
app.use((ctx) => {
  const text = texts.get(ctx.path);
  if (text === undefined) return;
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = text;
});
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
