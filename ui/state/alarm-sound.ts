import { signal } from '@preact/signals';
import type { Ring } from './alarm-bell.ts';

/** Kept by the browser: a tablet on a quiet desk may be silent where the one at the machine is not. */
const KEY = 'alarm-sound';
/** A flood is one sound, and not a siren. */
const PAUSE_MS = 3_000;
const PULSE_S = 0.16;
const GAP_S = 0.1;
const VOLUME = 0.25;

const TONES: Readonly<Record<Ring, { readonly hertz: number; readonly pulses: number }>> = {
  high: { hertz: 660, pulses: 2 },
  critical: { hertz: 880, pulses: 3 },
};

let context: AudioContext | undefined;
let rangAt = Number.NEGATIVE_INFINITY;

/** Whether alarms are to be heard in this browser. */
export const hasSound = signal(localStorage.getItem(KEY) === 'on');
/** It is wanted, but browsers play nothing before somebody has touched the page. */
export const isSoundWaiting = signal(hasSound.peek());

async function open(): Promise<void> {
  context ??= new AudioContext();
  if (context.state === 'suspended') await context.resume();
  isSoundWaiting.value = context.state !== 'running';
}

function play(ring: Ring): void {
  if (context === undefined || context.state !== 'running') return;
  const { hertz, pulses } = TONES[ring];
  for (let pulse = 0; pulse < pulses; pulse++) {
    const from = context.currentTime + pulse * (PULSE_S + GAP_S);
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    // It swells and fades, so that it does not click.
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(VOLUME, from + 0.01);
    volume.gain.setValueAtTime(VOLUME, from + PULSE_S - 0.03);
    volume.gain.linearRampToValueAtTime(0, from + PULSE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + PULSE_S);
  }
}

/** Sounds for a new alarm, if that is wanted, and not more often than every few seconds. */
export function ring(kind: Ring): void {
  if (!hasSound.peek() || performance.now() - rangAt < PAUSE_MS) return;
  rangAt = performance.now();
  play(kind);
}

/** Turns the sound on, and lets it be heard once; or off. Called from a click, without which browsers play nothing. */
export async function setSound(isWanted: boolean): Promise<void> {
  hasSound.value = isWanted;
  localStorage.setItem(KEY, isWanted ? 'on' : '');
  isSoundWaiting.value = false;
  if (!isWanted) return;
  await open();
  play('high');
}

/** After a reload the sound comes back with the first touch or key; returns what ends the waiting for it. */
export function awaitTouch(): () => void {
  const touch = () => {
    if (hasSound.peek()) void open();
  };
  const events = ['pointerdown', 'keydown'] as const;
  for (const name of events) document.addEventListener(name, touch);
  return () => {
    for (const name of events) document.removeEventListener(name, touch);
  };
}
