/** The address of the other end of a connection; an IPv4 one in its own form. */
export const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');

/** Whether a plain address is this machine's own. */
export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');
