import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi } from '../../../src/api/server.ts';
import { createMetrics } from '../../../src/core/metrics.ts';
import { defaultConfig, silentLog, testAccounts } from '../../support/accounts.ts';
import { NO_AUDIT } from '../../support/api.ts';
import { fetchSecurely, makeAuthority, makeServer } from '../../support/tls.ts';

test('browsers are told to come by TLS alone where that is meant, and over TLS only', async () => {
  using world = testAccounts();
  const authority = await makeAuthority();
  const { certificate, key } = await makeServer(authority, ['127.0.0.1']);
  let isMeant = true;
  const api = createApi({
    config: defaultConfig(),
    log: silentLog(),
    metrics: createMetrics(),
    accounts: world.accounts,
    audit: NO_AUDIT,
    checks: [],
    routes: [],
    version: '0',
    tls: { options: () => ({ cert: certificate, key }), follow: () => {} },
    sendsHsts: () => isMeant,
  });
  const plan = { port: 0, host: '127.0.0.1' };
  const { http, https } = await api.start({ http: plan, https: plan });
  try {
    const headerOf = async () => {
      const { headers } = await fetchSecurely(`https://127.0.0.1:${https}/healthz`, { ca: authority.certificate });
      return headers['strict-transport-security'];
    };
    assert.equal(await headerOf(), 'max-age=31536000');
    assert.equal((await fetch(`http://127.0.0.1:${http}/healthz`)).headers.get('Strict-Transport-Security'), null);
    isMeant = false;
    assert.equal(await headerOf(), undefined);
  } finally {
    await api.stop();
  }
});
