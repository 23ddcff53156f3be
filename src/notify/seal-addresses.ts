import type { Sql } from '../store/store.ts';
import type { Secrets, WebhookConfig } from './channel.ts';
import { purposeOf, type Vault } from './channels.ts';
import { shownAddress } from './webhook-address.ts';

interface Row {
  readonly factory: number;
  readonly id: string;
  readonly config: string;
  readonly secrets: string | null;
}

/**
 * Seals the addresses of webhooks that an earlier version has stored as they are. No migration: that is SQL alone, and
 * sealing takes the appliance's key. It is done before the store is opened, and so before the audit watches the table:
 * an entry would say what the address was. What the audit has said of it since then stays there, as all of it does.
 *
 * Where the secrets of a channel cannot be opened, because the key is another one, nothing is touched: that channel
 * sends nothing, and goes on when the key is put back.
 */
export function sealAddresses(sql: Sql, vault: Vault): void {
  const rows = sql.all<Row>(
    `select factory_id as factory, id, config, secrets from notification_channels where kind = 'webhook'`,
  );
  const open = rows.filter(({ config }) => {
    const { url } = JSON.parse(config) as WebhookConfig;
    return url !== shownAddress(url);
  });
  if (open.length === 0) return;
  // What was there is to be nowhere in the file any more, and not in the journal beside it.
  sql.get('pragma secure_delete = on');
  for (const { factory, id, config, secrets } of open) {
    const { url } = JSON.parse(config) as WebhookConfig;
    let known: Secrets;
    try {
      known = secrets === null ? {} : JSON.parse(vault.open(secrets, purposeOf(id)));
    } catch {
      continue;
    }
    sql.run(
      'update notification_channels set config = ?, secrets = ? where factory_id = ? and id = ?',
      JSON.stringify({ url: shownAddress(url) }),
      vault.seal(JSON.stringify({ ...known, url }), purposeOf(id)),
      factory,
      id,
    );
  }
  sql.get('pragma wal_checkpoint(truncate)');
}
