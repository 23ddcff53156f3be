import { catalogue } from './catalogue.ts';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Which devices belong to the factory: those that wait, those that are out of use, and whom it takes at all. */
export const text = catalogue({
  en: {
    title: 'New devices',
    intro: 'What happens when a device sends that nobody knows. Devices that are known go on as they are.',
    modes: { open: 'Open', approve: 'With approval', closed: 'Closed' },
    modeHints: {
      open: 'It is in the list with its first message. The easiest way, on a network of your own.',
      approve: 'It waits under Devices. What it sends is kept aside until somebody approves it.',
      closed: 'It is refused, and the refusal is listed. Only devices that were added by their key may send.',
    },
    named: 'A device that a credential names by its key is known, whatever stands here.',
    set: {
      open: 'New devices are taken by themselves.',
      approve: 'New devices wait to be approved.',
      closed: 'New devices are refused.',
    },

    add: 'Add a device…',
    addTitle: 'Add a device',
    addBody: 'It is known then, and may send, even where new devices are refused or have to wait.',
    addVerb: 'Add',
    key: 'Device key',
    keyHint: 'As it stands in its topic. It cannot be changed.',
    keyFault: 'Up to 64 letters, digits, dots, hyphens and underscores, without spaces.',
    keyTaken: 'There is a device with this key already.',
    name: 'Name',
    nameHint: 'What people see. Empty: the key.',
    added: (name: string) => `${name} is known now.`,

    waiting: 'Waiting devices',
    noneWaits: 'No device waits',
    noneWaitsBody: {
      open: 'New devices are taken by themselves here. Settings, Device credentials, says otherwise.',
      approve: 'A new device appears here with its first message.',
      closed: 'New devices are refused here. Add those that belong to the factory by their key.',
    },
    toMode: 'Whom the factory takes',
    aside: 'Until then, what they send is kept aside: it is seen here and on their pages alone.',
    device: 'Device',
    firstHeard: 'First heard',
    lastHeard: 'Last heard',
    parameters: 'Parameters',
    values: 'Newest values',
    moreValues: (count: number) => `and ${count.toLocaleString('en')} more`,
    actions: 'Actions',
    approve: 'Approve',
    approveOf: (key: string) => `Approve ${key}`,
    approved: (key: string) => `${key} is in, with all that it has sent.`,
    approveAll: 'Approve all…',
    approveAllTitle: (count: number) => `Approve ${plural(count, 'device', 'devices')}?`,
    approveAllBody: 'They are in the list then, with all that they have sent:',
    approveAllVerb: 'Approve all',
    allApproved: (count: number) => `${plural(count, 'device is', 'devices are')} in.`,
    reject: 'Reject…',
    rejectOf: (key: string) => `Reject ${key}`,
    rejectTitle: (key: string) => `Reject ${key}?`,
    rejectBody:
      'What it has sent is erased, and what it sends is refused until you delete it from the rejected devices. This cannot be undone.',
    rejectVerb: 'Reject',
    rejected: (key: string) => `${key} rejected.`,

    retired: 'Retired devices',
    rejectedDevices: 'Rejected devices',
    noneRetired: 'No device is retired',
    noneRetiredBody:
      'A device that is gone for good is retired on its page: its history stays, and the lists are free of it.',
    noneRejected: 'No device was rejected',
    noneRejectedBody: 'A device that waits and does not belong here is rejected: nothing of it is kept.',
    reinstate: 'Take back',
    reinstateOf: (name: string) => `Take back ${name}`,
    reinstated: (name: string) => `${name} is back in use.`,
    retiredAgain: (name: string) => `${name} is retired again.`,
    remove: 'Delete…',
    removeOf: (name: string) => `Delete ${name}`,
    removeTitle: (name: string) => `Delete ${name}?`,
    removeRetired: (parameters: number) =>
      `Its ${plural(parameters, 'parameter', 'parameters')} and all of their history are lost. This cannot be undone.`,
    removeRejected: 'It is forgotten: its next message is that of a device that nobody knows.',
    removeVerb: 'Delete',
    removed: (name: string) => `${name} deleted`,
  },
});
