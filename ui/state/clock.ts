import { signal } from '@preact/signals';

const TICK_MS = 1_000;
/** A difference that the network and a Date header of whole seconds can explain. */
const TOLERANCE_MS = 2_000;

let offsetMs = 0;

/** The appliance's time (epoch ms), as far as this browser knows it: ages are counted by the clock that stamped. */
export const applianceNow = (): number => Date.now() + offsetMs;

/** The same as a signal, once a second: for ages on the screen. Stands still while nobody looks. */
export const now = signal(applianceNow());

/** Takes the appliance's time from an answer's Date header. */
export function observeDate(header: string | null): void {
  const time = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(time)) return;
  const difference = time - Date.now();
  offsetMs = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
}

setInterval(() => {
  if (!document.hidden) now.value = applianceNow();
}, TICK_MS);
document.addEventListener('visibilitychange', () => {
  now.value = applianceNow();
});
