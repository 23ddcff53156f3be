import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { createFrameGuard } from '../../../src/broker/frame-guard.ts';

const LIMITS = { connectBytes: 100, frameBytes: 20_000 };
const CONNECT = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'x',
  clean: true,
} as Packet);
const publish = (bytes: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, dup: false, retain: false } as Packet);

/** Cuts bytes into chunks at the given places. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

test('allowed packets pass however they are cut, and their number is known', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 19_000 }), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(), { maxLength: 30 }), (payloads, cuts) => {
      const guard = createFrameGuard(LIMITS);
      const ping = Buffer.from([0xc0, 0]);
      for (const chunk of chunksOf(Buffer.concat([CONNECT, ...payloads.map(publish), ping]), cuts)) {
        assert.equal(guard.check(chunk), undefined);
      }
      assert.equal(guard.frames, payloads.length + 2);
      assert.equal(guard.isInFrame, false);
    }),
  );
});

test('a packet over the limit is refused as soon as its length is known', () => {
  const guard = createFrameGuard(LIMITS);
  assert.equal(guard.check(CONNECT), undefined);
  const [first, second, third] = publish(30_000);
  for (const byte of [first, second]) assert.equal(guard.check(Uint8Array.of(byte ?? 0)), undefined);
  assert.equal(guard.check(Uint8Array.of(third ?? 0)), undefined);
  assert.match(guard.check(publish(30_000).subarray(3, 4)) ?? '', /limit is 20000/);
});

test('the first packet must be a CONNECT, within the smaller limit', () => {
  assert.match(createFrameGuard(LIMITS).check(publish(1)) ?? '', /CONNECT/);
  assert.match(createFrameGuard(LIMITS).check(Buffer.from([0x10, 101])) ?? '', /limit is 100/);
  assert.match(createFrameGuard(LIMITS).check(Buffer.from([0x1f, 10])) ?? '', /CONNECT/);
});

test('a length of more than four bytes is malformed', () => {
  const guard = createFrameGuard({ connectBytes: 2 ** 31, frameBytes: 2 ** 31 });
  assert.match(guard.check(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x01])) ?? '', /malformed/);
});
