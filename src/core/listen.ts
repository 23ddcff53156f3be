import type { AddressInfo, Server } from 'node:net';
import { AppError, systemCode } from './errors.ts';

/** Where a server listens. */
export interface ListenPlan {
  /** 0 takes any free one. */
  readonly port: number;
  /** Null: all interfaces, IPv6 among them where the machine has it. */
  readonly host: string | null;
  /** Another program's port is no fault: any free one will do. */
  readonly isAnyFine?: boolean;
}

/** What is said of a port that cannot be had. */
export interface ListenWords {
  /** Such as `HTTP`. */
  readonly what: string;
  /** Which flag chooses another. */
  readonly flag: string;
  /** Told when another port was taken than the one wished for. */
  readonly onOther?: (wished: number, taken: number) => void;
}

function tryToListen(server: Server, port: number, host: string | null): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== null && { host }) }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Opens a port and returns its number. @throws {AppError} `port_unavailable`, with the remedy */
export async function listenOn(
  server: Server,
  { port, host, isAnyFine }: ListenPlan,
  words: ListenWords,
): Promise<number> {
  try {
    return await tryToListen(server, port, host);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EADDRINUSE' && isAnyFine) {
      const taken = await tryToListen(server, 0, host);
      words.onOther?.(port, taken);
      return taken;
    }
    const reason = code === 'EADDRINUSE' ? 'another program uses it' : `this user may not use it (${code})`;
    const message = `cannot listen on ${words.what} port ${port}: ${reason}; stop that program, or choose another with ${words.flag}`;
    throw new AppError('port_unavailable', message, { cause: error });
  }
}
