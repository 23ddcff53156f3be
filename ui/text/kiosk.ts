import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    devices: 'Devices',
    page: (place: number, total: number) => `${place} of ${total}`,
    nextIn: (place: number, total: number, seconds: number) => `Page ${place} of ${total}, next in ${seconds} s`,
    counts: { out_of_limits: 'Out of limits', offline: 'Offline', stale: 'Stale', normal: 'Normal' },
    withinLimits: 'Online, within limits',
    aboveLimit: 'Above limit',
    belowLimit: 'Below limit',
    neverSent: 'has sent nothing yet',
    more: (count: number) => `And ${count.toLocaleString('en')} more, none of them worse.`,
    noneTitle: 'No device has sent anything yet',
    noneBody: 'Devices appear here by themselves with their first message.',
    noneChosenTitle: 'None of the chosen devices is in this factory',
    noneChosenBody: 'Check the keys after "devices=" in the address.',
    noParameters: 'This device has no key parameters. Choose them on its page, under Parameters.',
    leaveTitle: 'Leave the wall view?',
    leaveBody: 'The wall view goes on by itself while nobody touches it.',
    stay: 'Stay',
    leave: 'Leave',
    previous: 'Page before',
    next: 'Next page',
    showing: (range: string) => `charts: ${range}`,
  },
});
