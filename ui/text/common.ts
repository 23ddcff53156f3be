import { catalogue } from './catalogue.ts';

/** Words that many pages use. */
export const text = catalogue({
  en: {
    cancel: 'Cancel',
    close: 'Close',
    copy: 'Copy',
    copied: 'Copied',
    dismiss: 'Dismiss',
    remove: 'Remove',
    save: 'Save',
    undo: 'Undo',
    back: 'Back',
    tryAgain: 'Try again',
    search: 'Search',
    loading: 'Loading',
    failedToLoad: 'This could not be loaded',
    noValue: 'no value',
    never: 'never',
    on: 'on',
    off: 'off',
    ago: (span: string) => `${span} ago`,
    justNow: 'just now',
    sortBy: (column: string) => `Sort by ${column}`,
    rows: (shown: string) => `${shown} rows`,
    typeToConfirm: (word: string) => `Type ${word} to confirm`,
    status: { online: 'Online', stale: 'Stale', offline: 'Offline' },
    severity: { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' },
    units: { as_sent: 'As sent', metric: 'Metric', imperial: 'Imperial' },
    limit: { low: 'below', high: 'above' },
  },
});
