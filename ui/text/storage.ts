import { catalogue } from './catalogue.ts';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const text = catalogue({
  en: {
    title: 'Storage',
    ofFactory: (name: string) => `settings of ${name}`,
    ofAll: (count: number) => `settings of the appliance, ${plural(count, 'factory', 'factories')}`,
    onlyAdmins: 'Only an admin of this factory can see this',
    onlyAdminsBody: 'Ask one of them, or an owner of the appliance, if you need it.',

    space: 'Space',
    ofDisk: (size: string) => `${size} disk`,
    days: (days: number) => plural(days, 'day', 'days'),
    years: (years: number) => `${years.toLocaleString('en')} years`,
    moreThanYears: '100+ years',
    fullIn: (rate: string) => `left at the rate of the last days, ${rate} a day`,
    fullInNote:
      'Then the oldest single samples go to make room. What was rolled up of them, by the minute and the quarter of an hour, stays.',
    soonFull:
      'The oldest samples go soon. To keep them: export them below Import and export, raise historian.budget_bytes, or use a larger disk.',
    unknown: 'Not known yet',
    unknownBody: 'How long the disk will do shows when half an hour of telemetry is in files.',
    used: (used: string, all: string) => `${used} of ${all} used`,
    parts: {
      recent: 'Recent telemetry',
      history: 'History in files',
      control: 'Devices, users and lists',
      other: 'Other programs',
      free: 'Free',
    },
    noDisk: 'The system does not say how large the disk is.',

    kept: 'What is stored',
    nothingYet: 'Nothing is stored yet',
    nothingYetBody: 'The first files are written some minutes after the first message.',
    connect: 'Connect a device',
    data: 'Data',
    size: 'Size',
    count: 'Number',
    files: 'Files',
    since: 'From',
    until: 'To',
    levels: {
      recent: { name: 'Recent samples', note: 'not in files yet, all factories in one database' },
      raw: { name: 'Samples', note: 'every value as it came' },
      '1m': { name: '1-minute averages', note: 'with minimum and maximum' },
      '15m': { name: '15-minute averages', note: 'with minimum and maximum' },
    },
    counting: 'being counted',
    perSample: (bytes: string, times: string) =>
      `${bytes} bytes a sample, averages included: ${times} times less than its 16 bytes.`,
    noPerSample: 'How well it is compressed shows with the first file.',
    rates: (rate: string) => `${rate} samples a second at the moment.`,

    factories: 'By factory',
    factory: 'Factory',
    samples: 'Samples',
    bytesPerSample: 'Bytes a sample',
    perSecond: 'Samples/s',
    perDay: 'A day',
    none: '–',

    keptFor: 'How long it is kept',
    keptNote: 'When the disk, or the budget of the appliance, is spent, the oldest samples of all factories go before.',
    minutes: '1 min',
    quarters: '15 min',
    keptOwn: 'set for this factory',
    keptByConfig: 'as configured for all',
    forEver: 'for ever',
    spanOfDays: (days: number) =>
      days % 365 === 0 ? plural(days / 365, 'year', 'years') : plural(days, 'day', 'days'),
    change: 'Change',
    changeKept: (name: string) => `Change how long the history of ${name} is kept`,
    keptTitle: (name: string) => `How long the history of ${name} is kept`,
    daysOfLevel: (level: string) => `${level} (days)`,
    rawHint: 'Samples that arrive with an older stamp are refused.',
    emptyForEver: 'Leave it empty to keep them for ever.',
    needsDays: 'Type a number of days, 1 or more.',
    needsDaysOrNothing: 'Type a number of days, 1 or more, or nothing.',
    goes: (level: string, day: string) => `${level} from before ${day} will be removed, for good.`,
    keep: 'Save',
    keepAndRemove: 'Save and remove',
    keptReset: 'As configured for all',
    keptChanged: (name: string) => `How long the history of ${name} is kept was changed.`,

    whole: 'Integrity',
    wholeNote: 'All files are read and compared within a day, again and again',
    verify: 'Verify now',
    verifying: (done: string, all: string) => `${done} of ${all} read`,
    progress: 'Verification',
    neverVerified: 'No file is known to be damaged.',
    verified: (files: number, when: string) => `${plural(files, 'file', 'files')} verified ${when}: all as written.`,
    verifiedDamaged: (files: number, damaged: number, when: string) =>
      `${plural(files, 'file', 'files')} verified ${when}: ${damaged.toLocaleString('en')} damaged or missing.`,
    returned: (count: number) => `${plural(count, 'file is', 'files are')} whole again and back in the charts.`,
    verifyFailed: (reason: string) => `The verification could not be finished: ${reason}`,
    damagedTitle: (count: number) => plural(count, 'damaged file', 'damaged files'),
    damagedBody:
      'Charts go on without them, with a gap where nothing else is stored of that time. The files are kept, and nothing is written over them.',
    remedies: [
      'Put each file back from a backup, under its name below the data directory.',
      'Choose “Verify now”: what is whole again is back in the charts at once.',
      'If more are found, the disk is failing: replace it.',
    ],
    remediesLabel: 'What to do',
    fileOf: (level: 'raw' | '1m' | '15m', count: string) =>
      level === 'raw' ? `${count} samples` : `${count} averages (${level})`,
    rollupNote: 'no sample is lost: charts over long ranges are slower',
    out: (when: string) => `out of the charts since ${when}`,

    work: 'Background work',
    nothingWaits: 'Nothing waits to be written into files.',
    waits: (tables: number, since: string) =>
      `${plural(tables, 'table waits', 'tables wait')} to be written into files, the oldest from ${since}.`,
    noErrors: 'Nothing has failed since the start.',
    errorsNote: 'the last twenty since the start; each is tried again',
    works: { sealing: 'Writing files', compaction: 'Merging files', verification: 'Verifying files' },
  },
});
