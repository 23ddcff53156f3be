import { signal } from '@preact/signals';

export interface Toast {
  readonly id: number;
  readonly message: string;
  readonly isError: boolean;
  /** One thing to do about it, such as undo. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

const LIFE_MS = 6_000;
/** Older ones give way. */
const MAX_SHOWN = 4;

let nextId = 1;
export const toasts = signal<readonly Toast[]>([]);

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says for a while that something has happened, or has failed. */
export function toast(message: string, options: { isError?: boolean; action?: Toast['action'] } = {}): void {
  const { isError = false, action } = options;
  const id = nextId++;
  toasts.value = [...toasts.value.slice(1 - MAX_SHOWN), { id, message, isError, ...(action && { action }) }];
  setTimeout(() => dismissToast(id), action === undefined ? LIFE_MS : LIFE_MS * 2);
}

/** Says why something failed. */
export const toastError = (error: unknown): void =>
  toast(error instanceof Error ? error.message : String(error), { isError: true });
