import type { Peer } from './peer.ts';
import { isTopic, matches, overlaps } from './topics.ts';

/** Which topics are free for messages among clients, beside telemetry and commands. */
export interface FreeTopicRules {
  /** Filters of topics that are common to all factories (`mqtt.shared_topics`). None lies below `factories/` or `$`. */
  readonly shared: readonly string[];
  /** Whether members of a factory may use `factories/{slug}/bus/…` (`mqtt.factory_bus`). */
  readonly hasFactoryBus: boolean;
}

/**
 * Messages among clients. The two kinds cannot meet: what begins with `factories` is never shared, whatever a filter
 * says, and is had by members of that factory alone.
 */
export interface FreeTopics {
  mayPublish(peer: Peer, topic: string): boolean;
  /** Of a filter: whether it matches anything that the peer may be sent. Of a topic: whether that may be sent. */
  maySubscribe(peer: Peer, filter: string): boolean;
  /** Topics that begin with `$` are nobody's: what is published there goes nowhere. True where anything is shared. */
  isIgnored(topic: string): boolean;
}

const isOfFactories = (topic: string): boolean => topic === 'factories' || topic.startsWith('factories/');

export function createFreeTopics({ shared, hasFactoryBus }: FreeTopicRules): FreeTopics {
  const isOnBus = ({ identity }: Peer, topic: string): boolean =>
    hasFactoryBus && identity !== null && topic.startsWith(`factories/${identity.scope.slug}/bus/`);

  return {
    mayPublish: (peer, topic) => {
      if (!isTopic(topic) || topic.startsWith('$')) return false;
      if (isOfFactories(topic)) return peer.identity?.isReader !== true && isOnBus(peer, topic);
      return shared.some((filter) => matches(filter, topic));
    },
    maySubscribe: (peer, filter) => {
      if (filter.startsWith('$')) return false;
      if (isOfFactories(filter)) return isOnBus(peer, filter);
      return shared.some((one) => overlaps(one, filter));
    },
    isIgnored: (topic) => shared.length > 0 && topic.startsWith('$') && isTopic(topic),
  };
}
