import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Server } from 'node:tls';
import { createHandshakeGate } from '../../../src/tls/handshakes.ts';

class FakeSocket extends EventEmitter {
  static #port = 0;
  readonly remotePort = ++FakeSocket.#port;
  readonly localPort = 8883;
  readonly remoteAddress: string;
  bytesRead = 1;
  destroyed = false;
  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }
  destroy() {
    this.destroyed = true;
    this.emit('close');
  }
}

function stage(limits: { most: number; mostOfAddress: number }) {
  let now = 0;
  const server = new EventEmitter();
  const begun: FakeSocket[] = [];
  const faults: string[] = [];
  server.on('connection', (socket: FakeSocket) => begun.push(socket));
  const gate = createHandshakeGate({ timeoutMs: 10_000, ...limits }, () => now);
  gate.guard(server as unknown as Server, ({ reason }, address) => faults.push(`${address} ${reason}`));
  return {
    gate,
    begun,
    faults,
    wait: (ms: number) => {
      now += ms;
    },
    come: (address: string) => {
      const socket = new FakeSocket(address);
      server.emit('connection', socket as unknown as Socket);
      return socket;
    },
    done: (socket: FakeSocket) => server.emit('secureConnection', socket),
  };
}

test('who hangs longest makes room for a new one of its address; who has just come does not', () => {
  const { gate, come, wait, faults } = stage({ most: 10, mostOfAddress: 2 });
  const [first, second] = [come('10.0.0.1'), come('10.0.0.1')];
  assert.ok(come('10.0.0.1').destroyed);
  assert.ok(!come('10.0.0.2').destroyed);
  wait(1_000);
  assert.ok(!come('10.0.0.1').destroyed);
  assert.deepEqual([first.destroyed, second.destroyed], [true, false]);
  assert.deepEqual(faults, ['10.0.0.1 tls_too_many', '10.0.0.1 tls_too_many']);
  assert.equal(gate.pending, 3);
  gate.close();
});

test('at the bound of all, the address that has most makes room', () => {
  const { come, wait, gate } = stage({ most: 4, mostOfAddress: 3 });
  const single = come('10.0.0.9');
  const flood = [come('10.0.0.1'), come('10.0.0.1'), come('10.0.0.1')];
  wait(1_000);
  assert.ok(!come('10.0.0.2').destroyed);
  assert.deepEqual(
    [single, ...flood].map(({ destroyed }) => destroyed),
    [false, true, false, false],
  );
  gate.close();
});

test('an address that has fewer comes before one that has most, at once, and never the other way round', () => {
  const { come, gate } = stage({ most: 4, mostOfAddress: 3 });
  const [oldest, second] = [come('10.0.0.1'), come('10.0.0.1'), come('10.0.0.2'), come('10.0.0.2')];
  const single = come('10.0.0.9');
  assert.deepEqual([oldest?.destroyed, single.destroyed], [true, false]);
  // One more is as many as any other has then: nobody makes room for that.
  assert.ok(come('10.0.0.9').destroyed);
  assert.ok(come('10.0.0.1').destroyed);
  assert.deepEqual([second?.destroyed, single.destroyed, gate.pending], [false, false, 4]);
  gate.close();
});

test('a whole IPv6 network counts as one address, and IPv4 in IPv6 as itself', () => {
  const { come, gate } = stage({ most: 10, mostOfAddress: 1 });
  come('fd00:1:2:3::1');
  assert.ok(come('fd00:1:2:3:ffff::2').destroyed);
  assert.ok(!come('fd00:1:2:4::1').destroyed);
  come('::ffff:10.0.0.1');
  assert.ok(come('10.0.0.1').destroyed);
  gate.close();
});

test('a handshake that is done, or whose connection ends, is not counted any more', () => {
  const { come, done, gate, faults, begun } = stage({ most: 10, mostOfAddress: 2 });
  const [one, two] = [come('10.0.0.1'), come('10.0.0.1')];
  done(one);
  two.destroy();
  const silent = come('10.0.0.1');
  silent.bytesRead = 0;
  silent.destroy();
  assert.equal(gate.pending, 0);
  one.destroy();
  assert.deepEqual(faults, ['10.0.0.1 tls_given_up']);
  assert.equal(begun.length, 3);
  gate.close();
});
