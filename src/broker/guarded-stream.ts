import { Duplex } from 'node:stream';
import { type ConnectGate, createConnectGate, type FrameGuard } from './frame-guard.ts';
import type { Peer } from './peer.ts';

/** Bytes that all connections together may hand to Aedes at once. */
const READ_BYTES = 2_097_152;
const MIN_READ_BYTES = 4_096;
/** CONNACK: unacceptable protocol version (MQTT 3.1.1, 3.1.2-2). */
const UNACCEPTABLE_VERSION = Buffer.from([0x20, 2, 0, 1]);

/** Shared by all connections: while it is closed, no socket is read, and TCP slows the devices down. */
export class ReadGate {
  #isClosed = false;
  /** Bytes that one connection may hand to Aedes at once. */
  readSize = READ_BYTES;
  readonly #waiting = new Set<GuardedStream>();

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Called with the number of open connections, whenever it changes. */
  share(connections: number): void {
    this.readSize = Math.max(MIN_READ_BYTES, Math.floor(READ_BYTES / Math.max(1, connections)));
  }

  set(closed: boolean): void {
    this.#isClosed = closed;
    if (closed) return;
    for (const stream of this.#waiting) stream.continueReading();
    this.#waiting.clear();
  }

  wait(stream: GuardedStream): void {
    this.#waiting.add(stream);
  }

  leave(stream: GuardedStream): void {
    this.#waiting.delete(stream);
  }
}

/**
 * What Aedes is given in place of the socket: checks packet lengths before they are parsed, and stops reading when
 * Aedes or the gate says so.
 *
 * Written by hand because `Duplex.from` around a transform sends every small write as a TCP segment of its own;
 * `_writev` joins all that was written in one turn.
 */
export class GuardedStream extends Duplex {
  readonly peer: Peer;
  readonly #source: Duplex;
  readonly #guard: FrameGuard;
  readonly #gate: ReadGate;
  /** Until the first packet has been looked at. */
  #connect: ConnectGate | undefined;
  #frames = 0;
  #frameStartedAt = 0;

  constructor(source: Duplex, peer: Peer, guard: FrameGuard, gate: ReadGate) {
    super({ allowHalfOpen: false });
    this.peer = peer;
    this.#source = source;
    this.#guard = guard;
    this.#gate = gate;
    this.#connect = createConnectGate(guard);
    source.on('data', (chunk: Buffer) => this.#receive(chunk));
    source.on('end', () => this.push(null));
    source.on('close', () => this.destroy());
    source.on('error', (error) => this.destroy(error));
    source.pause();
  }

  /** Since when (performance clock, ms) a begun packet is waiting for its end; 0 when none is, or we are not reading. */
  get frameWaitingSince(): number {
    return this.#guard.isInFrame && !this.#source.isPaused() ? this.#frameStartedAt : 0;
  }

  /** What was written and has not left for the network. */
  get unsentBytes(): number {
    const { writableLength = 0 } = this.#source as { writableLength?: number };
    return this.writableLength + writableLength;
  }

  continueReading(): void {
    this.#frameStartedAt = performance.now();
    this.#source.resume();
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    const wasInFrame = this.#guard.isInFrame;
    const fault = this.#guard.check(chunk);
    if (fault !== undefined) {
      this.destroy(new Error(fault));
      return;
    }
    if (!wasInFrame || this.#guard.frames !== this.#frames) this.#frameStartedAt = performance.now();
    this.#frames = this.#guard.frames;
    if (this.#connect !== undefined) return this.#receiveConnect(this.#connect, chunk);
    if (!this.push(chunk) || this.#gate.isClosed) this.#source.pause();
  }

  /** Aedes is shown a CONNECT that is as the standard says, or nothing. */
  #receiveConnect(connect: ConnectGate, chunk: Buffer): void {
    const taken = connect.take(chunk);
    if (taken === undefined) return;
    if (Buffer.isBuffer(taken)) {
      this.#connect = undefined;
      if (!this.push(taken) || this.#gate.isClosed) this.#source.pause();
      return;
    }
    this.#source.pause();
    const end = () => void this.destroy(new Error(taken.reason));
    if (taken.returnCode === undefined) end();
    else this.#source.write(UNACCEPTABLE_VERSION, end);
  }

  /**
   * Aedes takes all there is, and answers it before it reads on: so this bounds what one connection has in flight. The
   * more connections, the smaller the share of each.
   */
  override read(size?: number): Buffer | null {
    return super.read(size ?? (Math.min(this.readableLength, this.#gate.readSize) || undefined)) as Buffer | null;
  }

  override _read(): void {
    if (this.#gate.isClosed) this.#gate.wait(this);
    else if (this.#source.isPaused()) this.continueReading();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#source.write(chunk, done);
  }

  override _writev(
    chunks: { chunk: Buffer | string; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    const buffers = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
    );
    this.#source.write(Buffer.concat(buffers), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#source.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#gate.leave(this);
    this.#source.destroy();
    done(error);
  }
}
