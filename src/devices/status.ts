/** `online`: heard of lately; `stale`: silent for longer than it should be; `offline`: given up on, or never heard of. */
export type DeviceStatus = 'online' | 'stale' | 'offline';

export interface StatusLimits {
  readonly staleAfterMs: number;
  readonly offlineAfterMs: number;
}

/** Status by the time of the last message (epoch ms; null: none yet). */
export function deviceStatus(lastSeenAt: number | null, now: number, limits: StatusLimits): DeviceStatus {
  if (lastSeenAt === null) return 'offline';
  const silentMs = now - lastSeenAt;
  if (silentMs > limits.offlineAfterMs) return 'offline';
  return silentMs > limits.staleAfterMs ? 'stale' : 'online';
}
