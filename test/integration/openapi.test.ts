import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

/** References into the document's components, as references into a schema of their own. */
const relinked = (schema: unknown): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/'));

test('every example in the documentation is one that its schema accepts', async () => {
  await using running = await startAppliance();
  const document: Json = await (await fetch(`${running.ready.http}/api/openapi.json`)).json();
  const $defs = relinked(document.components.schemas);
  let examples = 0;
  for (const [path, methods] of Object.entries<Json>(document.paths)) {
    for (const [method, operation] of Object.entries<Json>(methods)) {
      const parts: [string, Json][] = Object.entries<Json>(operation.responses).map(([status, { content }]) => [
        status,
        content?.['application/json'],
      ]);
      parts.push(['body', operation.requestBody?.content['application/json']]);
      for (const [part, media] of parts) {
        if (media?.schema === undefined) continue;
        const { success, error } = z.fromJSONSchema({ ...relinked(media.schema), $defs }).safeParse(media.example);
        assert.ok(success, `${method} ${path} ${part}: ${error?.message}`);
        examples += 1;
      }
    }
  }
  assert.ok(examples > 80, String(examples));
});

test('every operation says who may call it, what it may be refused with, and with what one signs in', async () => {
  await using running = await startAppliance();
  const document: Json = await (await fetch(`${running.ready.http}/api/openapi.json`)).json();
  for (const [path, methods] of Object.entries<Json>(document.paths)) {
    for (const [method, operation] of Object.entries<Json>(methods)) {
      const place = `${method} ${path}`;
      const access: string = operation['x-access'];
      assert.match(access, /^(public|local|signed_in|super_admin|factory:\w+)$/, place);
      const isOpen = access === 'public' || access === 'local';
      assert.equal('401' in operation.responses || isOpen, true, place);
      assert.equal('429' in operation.responses, access !== 'local', place);
      const ways = operation.security.flatMap((way: object) => Object.keys(way));
      const expected = isOpen
        ? []
        : access.startsWith('factory:')
          ? ['bearer', 'cookie', 'api_key']
          : ['bearer', 'cookie'];
      assert.deepEqual(ways, expected, place);
    }
  }
});
