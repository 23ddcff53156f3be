import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { DESKTOP, openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { join } from '../support/isolation-world.ts';
import { makeChannel } from '../support/notifications.ts';
import {
  act,
  choose,
  chooseParameter,
  focusIs,
  keysOn,
  line,
  onlyM01,
  pressed,
  ruleNamed,
  tabTo,
  word,
} from './support/rule-editor.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const NESTED = {
  all: [
    { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3, for_seconds: 120 },
    {
      any: [
        { parameter: 'running', operator: 'eq', value: true },
        { parameter: 'vibration', operator: 'gte', value: 4.5, aggregate: 'avg', window_seconds: 300 },
      ],
    },
  ],
};

test('a nested rule is built by clicking, its replay is seen before it is saved, and it is there again', async () => {
  await using it = await pressed();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: 'Rules' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Rules' }).waitFor();
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Press hot');
  await onlyM01(page);
  await chooseParameter(page, 0, 'temperature');
  await word(page, 0, 'value').fill('80');
  await page.getByText('times on M01').waitFor();
  assert.equal(await page.locator('.rl__fired b').innerText(), '2');
  await page.getByRole('table', { name: 'Alarms that it would have raised' }).getByRole('row').nth(2).waitFor();

  await act(page, 0, 'Only when it lasts');
  await word(page, 0, 'forSeconds').fill('2 min');
  await act(page, 0, 'Deadband: until it is clearly over');
  await word(page, 0, 'hysteresis').fill('3');
  await page.getByRole('button', { name: 'Add a group' }).click();
  await chooseParameter(page, 2, 'running');
  await page.getByRole('button', { name: 'Add a condition' }).first().click();
  await chooseParameter(page, 3, 'vibration');
  await choose(page, 3, 'operator', 'is at least');
  await word(page, 3, 'value').fill('4,5');
  await act(page, 3, 'Average, minimum, … of a time');
  await page.getByRole('status').filter({ hasText: 'Looking' }).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.rl__fired b').innerText(), '2');
  await word(page, 0, 'forSeconds').fill('20 min');
  await page.getByText('not once on M01').waitFor();
  await word(page, 0, 'forSeconds').fill('120');
  await page.getByText('times on M01').waitFor();

  await page.getByRole('button', { name: 'Add a severity' }).click();
  await act(page, 5, 'Remove');
  await word(page, 4, 'value').fill('95');
  await page.getByLabel('What to do').fill('Open the valve.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Version 1 is running.').waitFor();
  assert.doesNotMatch(page.url(), /new$/);

  const saved = await ruleNamed(it.appliance, 'Press hot');
  assert.deepEqual(saved.condition, NESTED);
  assert.deepEqual(saved.levels, [{ severity: 'critical', condition: { all: [{ ...NESTED.all[0], value: 95 }] } }]);
  assert.deepEqual([saved.device_ids, saved.guidance, saved.severity], [[it.device.id], 'Open the valve.', 'high']);

  await page.reload();
  await page.getByText('times on M01').waitFor();
  assert.equal(await word(page, 0, 'forSeconds').inputValue(), '2 min');
  assert.match(await line(page, 1).innerText(), /any\s+of these:/);
  await word(page, 0, 'value').fill('59');
  await page.getByText('Version 1 would have fired 2 times').waitFor();
  await page.getByRole('button', { name: 'Save version 2' }).click();
  await page.getByText('Version 2 is running.').waitFor();
  await page.getByRole('link', { name: 'Versions' }).click();
  await page.getByText(/temperature is above 59 °C for 2 min/).waitFor();
  await page.getByRole('button', { name: 'Edit from this' }).click();
  await page.getByText('Changed, not saved. Version 2 is running.').waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '80');
  assert.deepEqual(complaints, []);
});

test('a nested rule is built, moved about and saved by keyboard alone', async () => {
  await using it = await pressed();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/rules/new');
  await page.getByLabel('Name', { exact: true }).waitFor();
  const { keyboard } = page;
  const { press, open } = keysOn(page);
  await tabTo(page, 'input[maxlength="100"]');
  await keyboard.type('By keyboard');
  await tabTo(page, '[data-token="devices"]');
  await open('Tab', 'Tab', 'Enter', 'Tab');
  await keyboard.type('M01');
  await press('Tab', 'Space', 'Escape');
  await focusIs(page, '- devices');

  await tabTo(page, '[data-token="parameter"]');
  await open();
  await keyboard.type('temper');
  await page.getByRole('button', { name: /^temperature/ }).waitFor();
  await press('Enter');
  await focusIs(page, '0 parameter');
  await press('ArrowRight', 'ArrowRight');
  await focusIs(page, '0 value');
  await keyboard.type('80');
  await tabTo(page, '[data-token="menu"]');
  await open('ArrowDown', 'Enter');
  await page.locator('[data-token="forSeconds"]:focus').waitFor();
  await keyboard.type('2 min');
  await tabTo(page, '[data-token="menu"]');
  await open('ArrowDown', 'ArrowDown', 'Enter');
  await page.locator('[data-token="hysteresis"]:focus').waitFor();
  await keyboard.type('3');

  await tabTo(page, 'button[aria-label="Add a group"]');
  await press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 3);
  await focusIs(page, '2 parameter');
  await open();
  await keyboard.type('running');
  await press('Enter');
  await tabTo(page, 'button[aria-label="Add a condition"]');
  await press('Enter');
  await page.locator('[data-token="parameter"]:focus').waitFor();
  await open();
  await keyboard.type('vibration');
  await press('ArrowDown', 'Enter', 'ArrowRight');
  await open('ArrowDown', 'Enter');
  await press('ArrowRight');
  await keyboard.type('4.5');
  await tabTo(page, '[data-token="menu"]');
  await open('Enter');
  await page.locator('[data-token="aggregate"]:focus').waitFor();

  // Another one is added, moved up through the group, moved back, and removed.
  await tabTo(page, 'button[aria-label="Add a condition"]');
  await tabTo(page, '[data-token="schedule"]');
  await tabTo(page, 'button[aria-label="Add a condition"]', 'Shift+Tab');
  await press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 5);
  await focusIs(page, '4 parameter');
  await press('Alt+ArrowUp');
  await page.waitForFunction(() => document.querySelectorAll('[data-node] [data-node]').length === 3);
  await focusIs(page, '4 parameter');
  await press('Alt+ArrowUp', 'Alt+ArrowUp');
  await focusIs(page, '2 parameter');
  await press('Alt+ArrowUp');
  await focusIs(page, '1 parameter');
  await press('Delete');
  await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 4);
  await focusIs(page, '1 match');
  await press('ArrowUp');
  await focusIs(page, '0 parameter');

  await page.getByText('times on M01').waitFor();
  await tabTo(page, '.head__actions .btn--primary', 'Shift+Tab');
  await press('Enter');
  await page.getByText('Version 1 is running.').waitFor();
  const saved = await ruleNamed(it.appliance, 'By keyboard');
  assert.deepEqual(saved.condition, NESTED);
  assert.deepEqual(complaints, []);
});

test('a part that is added has the focus, however fast it follows on what was typed', async () => {
  await using it = await pressed();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/rules/new');
  await word(page, 0, 'value').waitFor();
  await page.evaluate(async () => {
    const value = document.querySelector<HTMLInputElement>('[data-token="value"]');
    const add = document.querySelector<HTMLButtonElement>('button[aria-label="Add a group"]');
    if (value === null || add === null) throw new Error('there is no rule to edit');
    value.focus();
    value.value = '80';
    value.dispatchEvent(new InputEvent('input', { bubbles: true }));
    // It is drawn, and not painted yet.
    await new Promise((drawn) => queueMicrotask(() => queueMicrotask(() => drawn(undefined))));
    add.click();
  });
  await focusIs(page, '2 parameter');
});

test('what was typed stays, however fast one goes on to the next word', async () => {
  await using it = await pressed();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/rules/new');
  await act(page, 0, 'Only when it lasts');
  await page.locator('[data-token="forSeconds"]:focus').waitFor();
  await page.evaluate(async () => {
    const [typed, next] = ['forSeconds', 'cooldown'].map((token) =>
      document.querySelector<HTMLInputElement>(`[data-token="${token}"]`),
    );
    if (typed == null || next == null) throw new Error('there is no rule to edit');
    typed.value = 'soon';
    typed.dispatchEvent(new InputEvent('input', { bubbles: true }));
    // It is drawn, and not painted yet.
    await new Promise((drawn) => queueMicrotask(() => queueMicrotask(() => drawn(undefined))));
    next.focus();
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted, 100)));
  });
  assert.equal(await word(page, 0, 'forSeconds').inputValue(), 'soon');
});

test('what a word opens has the focus from its first moment: what is typed at once goes there', async () => {
  await using it = await pressed();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/rules/new');
  await word(page, 0, 'parameter').waitFor();
  await page.evaluate(() => {
    // The first task after the click: a key that follows it is heard no earlier than that.
    const heard = ({ newState, target }: Event & { newState?: string }) => {
      if (newState === 'open') document.body.dataset.had = String((target as Element).contains(document.activeElement));
    };
    document.addEventListener('toggle', heard, { capture: true });
  });
  const hadFocus = () => page.evaluate(() => document.body.dataset.had);
  for (const token of ['parameter', 'operator', 'devices']) {
    await page.evaluate(() => delete document.body.dataset.had);
    await page.locator(`[data-token="${token}"]`).first().click();
    assert.equal(await eventually(hadFocus), 'true', token);
    await page.keyboard.press('Escape');
    await focusIs(page, `${token === 'devices' ? '-' : 0} ${token}`);
  }
});

test('what is wrong is told at its word, and only until it is changed', async () => {
  await using it = await pressed();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/rules/new');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Give the rule a name').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('placeholder')), 'Bearing hot');
  await line(page, 0).getByText('Name the parameter').waitFor();
  await line(page, 0).getByText('Say the limit as a number').waitFor();
  assert.equal(await word(page, 0, 'value').getAttribute('aria-invalid'), 'true');

  // A parameter that has not come yet is taken by its name.
  await word(page, 0, 'parameter').click();
  await page.keyboard.type('pressure_of_tomorrow');
  await page.getByRole('button', { name: /^Use “pressure_of_tomorrow”/ }).click();
  await word(page, 0, 'value').fill('7');
  await page.getByText('Say the limit as a number').waitFor({ state: 'detached' });
  assert.equal(await word(page, 0, 'value').getAttribute('aria-invalid'), null);
  await page.getByText('Not drawn, because the device does not send it: pressure_of_tomorrow.').waitFor();
  await choose(page, 0, 'operator', 'is between');
  await word(page, 0, 'low').fill('9');
  await page.getByLabel('Name', { exact: true }).fill('Tomorrow');
  await page.getByRole('button', { name: 'Save' }).click();
  await line(page, 0).getByText('The upper limit has to be above the lower one').waitFor();
  assert.equal(await word(page, 0, 'high').getAttribute('aria-invalid'), 'true');
  await word(page, 0, 'high').fill('12');

  // What cannot be read is not taken for what stood there before.
  await act(page, 0, 'Only when it lasts');
  await word(page, 0, 'forSeconds').fill('soon');
  await page.locator('[data-token="cooldown"]').fill('later');
  await page.getByRole('button', { name: 'Save' }).click();
  await line(page, 0).getByText('Say in seconds how long it has to have held').waitFor();
  await page.getByText('Say in seconds how long no new alarm is raised after one has cleared').waitFor();
  assert.equal(await word(page, 0, 'forSeconds').inputValue(), 'soon');
  assert.equal(await page.locator('[data-token="cooldown"]').inputValue(), 'later');
  await word(page, 0, 'forSeconds').fill('5 mins');
  await page.locator('[data-token="cooldown"]').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Version 1 is running.').waitFor();
  const { condition, cooldown_seconds } = await ruleNamed(it.appliance, 'Tomorrow');
  assert.deepEqual([condition.all[0].for_seconds, cooldown_seconds], [300, 0]);
});

test('changes are not lost by a link or the way back, unless somebody says so', async () => {
  await using it = await pressed();
  const { body: rule } = await it.person.call('POST', '/rules', {
    name: 'Hot',
    severity: 'low',
    condition: { parameter: 'temperature', operator: 'gt', value: 80 },
  });
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: 'Rules' }).first().click();
  await page.getByRole('link', { name: 'Hot', exact: true }).click();
  await word(page, 0, 'value').fill('70');
  await page.getByRole('link', { name: 'Devices' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Leave without saving?' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.match(page.url(), new RegExp(`/rules/${rule.id}$`));

  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Rules' }).waitFor();
  await page.goForward();
  await page.getByText('These are changes of before that were not saved.').waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '70');
  await page.getByRole('link', { name: 'Devices' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
  await page.goBack();
  await word(page, 0, 'value').waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '80');

  // Somebody else is faster: it is told before it is written over.
  await it.person.call('PATCH', `/rules/${rule.id}`, { guidance: 'Call Ada.' });
  await word(page, 0, 'value').fill('75');
  await page.getByRole('button', { name: /^Save version [23]$/ }).click();
  await page
    .getByText(/has saved (another version|version 2)/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Save version 3' }).click();
  await page.getByText('Version 3 is running.').waitFor();
  const { guidance, condition } = await it.person.get(`/rules/${rule.id}`);
  assert.deepEqual([guidance, condition.all[0].value], ['Call Ada.', 75], 'what one has not touched stays');
});

test('a rule that others change while it is looked at is shown as it is, and changes on it are kept', async () => {
  await using it = await pressed();
  const { body: rule } = await it.person.call('POST', '/rules', {
    name: 'Hot',
    severity: 'low',
    condition: { parameter: 'temperature', operator: 'gt', value: 80 },
  });
  const condition = (value: number) => ({ condition: { parameter: 'temperature', operator: 'gt', value } });
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(`/rules/${rule.id}`);
  await word(page, 0, 'value').waitFor();
  await it.person.call('PATCH', `/rules/${rule.id}`, condition(81));
  await page.getByText('Version 2 is running.').waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '81');

  await word(page, 0, 'value').fill('70');
  await it.person.call('PATCH', `/rules/${rule.id}`, condition(82));
  const theirs = page.getByRole('note').filter({ hasText: 'has saved version 3 since you began' });
  await theirs.waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '70', 'what one has changed stays');
  await page.getByRole('button', { name: 'Save version 4' }).waitFor();
  await theirs.getByRole('button', { name: 'Show it, without my changes' }).click();
  await page.getByText('Version 3 is running.').waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '82');
  await theirs.waitFor({ state: 'detached' });

  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'More for Hot' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await choose('Turn off');
  await page.getByText('Version 4, switched off.').waitFor();
  assert.equal((await it.person.get(`/rules/${rule.id}`)).is_active, false);
  await choose('Turn on');
  await page.getByText('Version 5 is running.').waitFor();

  await word(page, 0, 'value').fill('71');
  await it.person.call('DELETE', `/rules/${rule.id}`);
  const gone = page.getByRole('note').filter({ hasText: 'Somebody has deleted this rule.' });
  await gone.waitFor();
  await gone.getByRole('button', { name: 'Duplicate' }).click();
  await page.getByRole('heading', { level: 1, name: 'Hot (copy)' }).waitFor();
  assert.equal(await word(page, 0, 'value').inputValue(), '71');
  assert.deepEqual(complaints, []);
});

test('a rule that fires is seen to in the list and on the chart, and why in its explanation', async () => {
  await using it = await pressed();
  const { body: rule } = await it.person.call('POST', '/rules', {
    name: 'Very hot',
    severity: 'high',
    device_ids: [it.device.id],
    condition: { all: [{ parameter: 'temperature', operator: 'gt', value: 80 }] },
  });
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(`/rules/${rule.id}?tab=explain`);
  await page.getByText(/^No alarm:/).waitFor();
  await it.publish({ metrics: { temperature: 91.5 } });
  await page
    .getByText(/91\.5 °C/)
    .first()
    .waitFor();
  await page.locator('.rl__explained .is-so').first().waitFor();
  await page.goto('/rules?q=very');
  await page.getByRole('table', { name: 'Rules' }).getByText('1 open alarm').waitFor();
  const boxes = await page
    .getByRole('table', { name: 'Rules' })
    .evaluate((table) => [
      ...new Set([...table.querySelectorAll('td, th')].map((cell) => getComputedStyle(cell).display)),
    ]);
  assert.deepEqual(boxes, ['table-cell'], 'each cell stands in its column');
  await page.getByRole('button', { name: /^Firing 1/ }).click();
  await page.waitForURL(/state=firing/);
  const row = page.getByRole('table', { name: 'Rules' }).locator('tr[data-row]');
  assert.equal(await row.count(), 1);
  await row.getByText('temperature is above 80 °C').waitFor();

  await page.getByRole('switch', { name: 'Watch: Very hot' }).uncheck();
  await page.getByText('Very hot is off.').waitFor();
  await page.getByRole('button', { name: 'All' }).click();
  await page.getByRole('button', { name: 'More for Very hot' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByText('Very hot deleted.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Very hot is there again').waitFor();
  await page.getByRole('link', { name: 'Very hot', exact: true }).waitFor();
  assert.deepEqual(complaints, []);
});

test('who may not change rules reads them; the first rule is made from an example', async () => {
  await using it = await pressed();
  const { person, appliance } = it;
  for (const { id } of (await person.get('/rules?limit=500')).items) await person.call('DELETE', `/rules/${id}`);
  const password = 'correct horse battery';
  await join(appliance.ready.http, person, 'olga@example.com', { role: 'operator' });
  await using opened = await openPage(browser, appliance.ready.http);
  await signInBy(opened.page);
  await opened.page.goto('/rules');
  await opened.page.getByRole('button', { name: /^A device goes silent/ }).click();
  await chooseParameter(opened.page, 0, 'temperature');
  await opened.page.getByRole('button', { name: 'Save' }).click();
  await opened.page.getByText('Version 1 is running.').waitFor();

  await using reader = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  await signInBy(reader.page, 'olga@example.com', password);
  await reader.page.goto('/rules');
  await reader.page.getByRole('link', { name: 'Device is silent' }).click();
  await reader.page.getByText(/temperature sends nothing for 5 min\./).waitFor();
  assert.equal(await reader.page.getByRole('button', { name: 'Save' }).count(), 0);
  await reader.page.goto('/rules/new');
  await reader.page.getByRole('heading', { level: 1, name: 'No such rule' }).waitFor();
});

test('nothing keeps anybody from using the pages of rules, on any screen', async () => {
  await using it = await pressed();
  const channel = await makeChannel(it.person, {
    kind: 'browser',
    name: 'The night shift of hall 3. '.repeat(3),
    config: {},
  });
  const { body: rule } = await it.person.call('POST', '/rules', {
    name: 'Press hot',
    notifications: [{ channel_id: channel.id, on: ['raised', 'severity_changed', 'acknowledged', 'cleared'] }],
    escalation: [{ channel_id: channel.id, after_seconds: 900 }],
    severity: 'high',
    condition: NESTED,
    levels: [{ severity: 'critical', condition: { parameter: 'temperature', operator: 'gt', value: 95 } }],
    schedule: { windows: [{ days: [1, 2], from: '22:00', to: '06:00' }] },
  });
  for (const viewport of [DESKTOP, PHONE]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await openPage(browser, it.appliance.ready.http, { viewport, colorScheme });
      const { page, complaints } = opened;
      await signInBy(page);
      const found: string[] = [];
      const look = async (what: string) => {
        found.push(...(await barriers(page)).map((barrier) => `${what} ${viewport.width} ${colorScheme}: ${barrier}`));
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > viewport.width) found.push(`${what} sticks out by ${width - viewport.width} px`);
      };
      await page.goto('/rules');
      await page.getByRole('link', { name: 'Press hot' }).waitFor();
      await look('list');
      await page.goto('/rules/new');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Name the parameter').waitFor();
      await look('faults');
      await page.goto(`/rules/${rule.id}`);
      await page.locator('.rl__fired').waitFor();
      await look('editor');
      await word(page, 0, 'parameter').click();
      await page.getByLabel('Find or type a name').waitFor();
      await look('parameters');
      await page.keyboard.press('Escape');
      await page.locator('[data-token="devices"]').click();
      await look('devices');
      await page.keyboard.press('Escape');
      await page.locator('[data-token="notices"]').click();
      await look('whom to tell of what');
      await page.goto(`/rules/${rule.id}?tab=explain`);
      await page.locator('.rl__answer').waitFor();
      await look('explain');
      await page.goto(`/rules/${rule.id}?tab=versions`);
      await page.getByText('runs now').waitFor();
      await look('versions');
      assert.deepEqual([...found, ...complaints], []);
    }
  }
});
