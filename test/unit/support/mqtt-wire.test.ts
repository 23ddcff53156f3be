import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parser as createParser, generate, type Packet } from 'mqtt-packet';
import {
  createFrameReader,
  DISCONNECT,
  encodeConnect,
  encodeLength,
  encodePublish,
  PINGREQ,
} from '../../support/mqtt-wire.ts';

/** What another implementation reads from the bytes. */
function parse(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  const parser = createParser({ protocolVersion: 4 });
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => assert.fail(error));
  parser.parse(bytes);
  return packets;
}

test('packets say to another implementation what they should', () => {
  const [connect] = parse(encodeConnect('bench-1'));
  assert.ok(connect?.cmd === 'connect');
  assert.deepEqual([connect.clientId, connect.clean, connect.protocolVersion], ['bench-1', true, 4]);
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z/]{1,40}$/),
      fc.uint8Array({ maxLength: 20_000 }),
      fc.constantFrom(0 as const, 1 as const),
      (topic, payload, qos) => {
        const template = encodePublish(topic, Buffer.from(payload), qos);
        if (qos === 1) template.bytes.writeUInt16BE(4_711, template.packetIdAt);
        const [publish] = parse(template.bytes);
        assert.ok(publish?.cmd === 'publish');
        assert.equal(publish.topic, topic);
        assert.equal(publish.qos, qos);
        assert.deepEqual(new Uint8Array(Buffer.from(publish.payload)), payload);
        if (qos === 1) assert.equal(publish.messageId, 4_711);
        assert.deepEqual(new Uint8Array(template.bytes.subarray(template.payloadAt)), payload);
      },
    ),
  );
  assert.deepEqual(
    parse(Buffer.concat([PINGREQ, DISCONNECT])).map(({ cmd }) => cmd),
    ['pingreq', 'disconnect'],
  );
});

test('packets are cut out of the stream wherever the chunks end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 50 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (messageIds, sizes) => {
        const stream = Buffer.concat(messageIds.map((messageId) => generate({ cmd: 'puback', messageId })));
        const seen: number[] = [];
        const read = createFrameReader((type, buffer, start, end) => {
          assert.deepEqual([type, end - start], [4, 2]);
          seen.push(buffer.readUInt16BE(start));
        });
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          read(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(seen, messageIds);
      },
    ),
  );
});

test('lengths take as few bytes as they need, and five are refused', () => {
  assert.deepEqual(
    [0, 127, 128, 16_383, 16_384, 268_435_455].map((length) => encodeLength(length).length),
    [1, 1, 2, 2, 3, 4],
  );
  const read = createFrameReader(() => assert.fail('there is no packet'));
  assert.throws(() => read(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])), /more than four bytes/);
});
