import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { connectFault } from '../../../src/broker/connect-packet.ts';

const bodyOf = (packet: Buffer): Buffer =>
  packet.subarray(packet.findIndex((byte, index) => index > 0 && byte < 0x80) + 1);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((one) => !one.includes('\0'));
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const connect = fc.record({
  clientId: text,
  clean: fc.boolean(),
  keepalive: fc.nat(65_535),
  login: fc.option(fc.record({ username: text, password: fc.option(bytes) })),
  will: fc.option(fc.record({ topic: text, payload: bytes, qos: fc.constantFrom(0, 1, 2), retain: fc.boolean() })),
});

test('every CONNECT that can be made is right, and with a byte too many or too few it is not', () => {
  fc.assert(
    fc.property(connect, ({ login, will, ...rest }) => {
      const packet = {
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        ...rest,
        ...(login === null ? {} : { username: login.username }),
        ...(login === null || login.password === null ? {} : { password: login.password }),
        ...(will === null ? {} : { will }),
      } as IConnectPacket;
      const body = bodyOf(generate(packet));
      assert.equal(connectFault(body), undefined);
      assert.notEqual(connectFault(Buffer.concat([body, Buffer.of(0)])), undefined);
      assert.notEqual(connectFault(body.subarray(0, -1)), undefined);
    }),
  );
});

test('bytes of any kind are looked at without an error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (array) => void connectFault(Buffer.from(array))));
});
