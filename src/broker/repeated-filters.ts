import type { Client, Subscription } from 'aedes';

interface Parser {
  readonly packet: { readonly subscriptions?: { topic: unknown }[] };
  _parseSubscribe(): void;
}

/** A filter beyond those that are looked at. */
class Surplus extends String {}

/**
 * Has SUBACK answer every filter of a SUBSCRIBE (MQTT 3.1.1, 3.8.4-5), also one that stands there twice: Aedes, which
 * compares filters as map keys, would leave it out. As an object of its own, an equal text is another key.
 *
 * @param max - filters of one packet that are looked at: each costs more than its bytes
 */
export function answerRepeatedFilters(client: Client, max: number): void {
  const { _parser: parser } = client as unknown as { readonly _parser: Parser };
  const parse = parser._parseSubscribe;
  parser._parseSubscribe = function (this: Parser) {
    parse.call(this);
    const seen = new Set<unknown>();
    for (const [index, subscription] of (this.packet.subscriptions ?? []).entries()) {
      if (index >= max) subscription.topic = new Surplus(subscription.topic);
      else if (seen.has(subscription.topic)) subscription.topic = Object(subscription.topic);
      seen.add(subscription.topic);
    }
  };
}

/** The filter of a subscription as a text, which it is not where it stood twice. */
export const filterOf = ({ topic }: Subscription): string => String(topic);

/** Whether it stands behind those of its packet that are looked at: it is answered 0x80. */
export const isSurplus = ({ topic }: Subscription): boolean => (topic as unknown) instanceof Surplus;
