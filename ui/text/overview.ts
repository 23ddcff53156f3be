import { catalogue } from './catalogue.ts';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const text = catalogue({
  en: {
    title: 'Overview',
    summary: (attention: number, total: number, hasAlarms: boolean) =>
      attention === 0
        ? `${plural(total, 'device is', 'devices are')} ${hasAlarms ? 'online and within limits' : 'normal'}`
        : `${attention.toLocaleString('en')} of ${plural(total, 'device needs', 'devices need')} attention`,
    alarms: 'Open alarms',
    alarmsOpen: (count: number) => `${plural(count, 'alarm', 'alarms')} open`,
    moreAlarms: (count: number) => `And ${plural(count, 'more alarm', 'more alarms')}.`,
    allAlarms: 'All open alarms',
    wall: 'Wall view',
    attention: 'Needs attention',
    worstFirst: 'worst first',
    more: (count: number) => `And ${plural(count, 'more device', 'more devices')}.`,
    allOfThem: 'All that need attention',
    calmTitle: 'Nothing needs attention',
    calmBody: 'Every device is online, and every value is inside its limits.',
    normal: 'Normal',
    withinLimits: 'Online and within limits',
    normalNote: 'pointer in its normal range',
    moreNormal: (count: number) => `And ${count.toLocaleString('en')} more like these.`,
    allNormal: (count: number) => `${plural(count, 'device is', 'devices are')} normal.`,
    allDevices: 'All devices',
    noneNormal: 'No device is normal at the moment.',
    above: (limit: string) => `above ${limit}`,
    below: (limit: string) => `below ${limit}`,
    aboveLimit: 'Above limit',
    belowLimit: 'Below limit',
    lastSeen: 'last seen',
    silent: 'No message for longer than it should be',
    neverSent: 'Has not sent anything yet',
    appliance: 'Appliance',
    messages: 'Messages',
    points: 'Points',
    perSecond: '/s',
    storage: 'Storage',
    timeLeft: (span: string) => `${span} left`,
    clock: 'Clock',
    clockOk: 'in step',
    clockWrong: 'in doubt',
    devices: 'Devices',
    outOfLimits: 'Out of limits',
    openTrends: 'Trend',
  },
});
