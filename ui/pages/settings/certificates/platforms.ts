import { CA_FILE } from '../../connect/snippets.ts';

export { CA_FILE };

/** Where a CA is installed. */
export const PLATFORMS = ['windows', 'macos', 'debian', 'rhel', 'android', 'ios', 'firefox', 'devices'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** How the appliance is reached, to be filled into commands. */
export interface Reach {
  /** Of this page, such as `https://10.0.0.5:8443`. */
  readonly origin: string;
  readonly host: string;
  readonly mqttsPort: number;
  readonly topic: string;
}

export const CA_PATH = '/api/v1/tls/ca.crt';
export const CA_DER_PATH = '/api/v1/tls/ca.der';

/** Fetched without trust, because that is what it is to bring; the fingerprint tells whether it is the right one. */
const fetched = ({ origin }: Reach) => [
  `curl -k -o ${CA_FILE} ${origin}${CA_PATH}`,
  `openssl x509 -in ${CA_FILE} -noout -fingerprint -sha256`,
];

const COMMANDS: Readonly<Partial<Record<Platform, (reach: Reach) => readonly string[]>>> = {
  windows: () => [`certutil -addstore -f Root ${CA_FILE}`],
  macos: () => [`sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${CA_FILE}`],
  debian: (reach) => [
    ...fetched(reach),
    `sudo cp ${CA_FILE} /usr/local/share/ca-certificates/`,
    'sudo update-ca-certificates',
  ],
  rhel: (reach) => [...fetched(reach), `sudo cp ${CA_FILE} /etc/pki/ca-trust/source/anchors/`, 'sudo update-ca-trust'],
  devices: ({ host, mqttsPort, topic }) => [
    `mosquitto_pub -h ${host} -p ${mqttsPort} --cafile ${CA_FILE} \\`,
    `  -u USERNAME -P PASSWORD -t ${topic} -q 1 \\`,
    `  -m '{"metrics":{"voltage":231.4}}'`,
  ],
};

/** What is typed on a platform; undefined where everything is tapped. */
export const commandOf = (platform: Platform, reach: Reach): string | undefined =>
  COMMANDS[platform]?.(reach).join('\n');
