import type { Config } from '../config/config.ts';
import { listenPlans } from '../listening.ts';
import { type Finding, fine, warning } from './finding.ts';

/** Names each listener that other machines reach without TLS, and what they can do there. */
export function checkListeners(config: Pick<Config, 'network' | 'http' | 'mqtt'>): Finding[] {
  const { http, mqtt } = listenPlans(config);
  if (http.host !== null && mqtt.host !== null) {
    return [fine('listeners', 'this machine alone reaches the appliance (network.listen "loopback")')];
  }
  const findings: Finding[] = [];
  if (http.host === null) {
    findings.push(
      fine('listeners', `plain HTTP on port ${http.port} is open to the network, and leads to HTTPS alone`),
    );
  }
  if (mqtt.host === null) {
    const anybody = config.mqtt.anonymous === 'lan';
    const who = anybody ? 'anybody may publish there' : 'passwords and telemetry can be read on the way';
    const message = `plain MQTT on port ${mqtt.port} is open to the network: ${who}`;
    const remedy =
      'let devices come by MQTTS and set mqtt.plain_on_lan to false' +
      (anybody ? '; or set mqtt.anonymous to "loopback"' : '; where they cannot, keep them in a network of their own');
    findings.push(warning('listeners', message, remedy));
  }
  return findings;
}
