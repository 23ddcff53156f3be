import { catalogue } from './catalogue.ts';

/** Device page: commands to the device. */
export const text = catalogue({
  en: {
    commands: 'Commands',
    send: 'Send a command',
    sendVerb: 'Send command',
    command: 'Command',
    commandHint: 'The word that the device knows, such as start.',
    commandMissing: 'Which command?',
    parameters: 'Parameters',
    parametersHint: 'A JSON object, such as {"speed_rpm": 1450}. Empty: none.',
    notAnObject: 'Not a JSON object. Write it like {"speed_rpm": 1450}',
    expiry: 'Expires after',
    expiries: { '10': '10 s', '60': '1 min', '600': '10 min', '3600': '1 h', '86400': '1 d' } as Readonly<
      Record<string, string>
    >,
    expiryHint: 'It is not delivered later than this.',
    issued: (command: string) => `${command} sent to the appliance`,

    by: (person: string) => `by ${person}`,
    history: 'Commands so far',
    noneTitle: 'No command so far',
    noneBody: (topic: string) => `The device subscribes to ${topic} with QoS 1, and answers on …/commands/ack.`,
    tryIt: 'To see them arrive, in a terminal',
    cancel: 'Take back',
    cancelOf: (command: string) => `Take back ${command}`,
    cancelled: (command: string) => `${command} taken back`,
    noParameters: 'no parameters',
    until: (time: string) => `It waits until ${time}.`,

    statuses: {
      queued: 'Waiting',
      sent: 'Sent',
      delivered: 'Delivered',
      accepted: 'Accepted',
      done: 'Done',
      failed: 'Failed',
      expired: 'Expired',
      cancelled: 'Taken back',
    },
    meanings: {
      queued: 'No client that is connected takes commands of this device.',
      sent: 'On its way; the device has not acknowledged it yet.',
      delivered: 'The device has it, and has not answered yet.',
      accepted: 'The device is at it.',
      done: '',
      failed: '',
      expired: 'Its time was over before the device acknowledged it.',
      cancelled: '',
    },
  },
});
