import type { Config } from '../config/config.ts';
import { type Finding, fine, warning } from './finding.ts';

/** Whether clients of different factories can reach each other over the broker. */
export function checkMessaging({ mqtt }: Pick<Config, 'mqtt'>): Finding[] {
  if (mqtt.shared_topics.length === 0) return [fine('mqtt', 'no MQTT topic is shared by the factories')];
  const who =
    mqtt.anonymous === 'never' ? 'every device and API key' : 'every device and API key, and who is anonymous,';
  return [
    warning(
      'mqtt',
      `MQTT topics ${mqtt.shared_topics.join(', ')} are common to all factories: ${who} may read and write them`,
      'where messages are to stay in a factory, take mqtt.factory_bus (factories/{slug}/bus/…) and empty mqtt.shared_topics',
    ),
  ];
}
