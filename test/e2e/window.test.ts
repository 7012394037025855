/** The window in a real browser, on the real engine and the starter model, from empty page to dead engine. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, ROOT, reasonToSkip, type Server, startServer } from '../../fixtures/browser-shell';

const ARTEFACTS = join(ROOT, 'test/artefacts');
const PROMPT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
/** As the user sees it, hidden parts left out. */
const textOf = (locator: Locator) => locator.innerText();
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the window are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the window', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  /** What the browser itself complained of: exceptions, violations of the page's policy, failed loads. */
  const complaints: string[] = [];

  const byId = (id: string): Locator => page.getByTestId(id);
  const status = () => textOf(byId('status'));
  const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
    expect.poll(read, { timeout, interval: 50 }).toMatch(text);
  const finished = () => shows(status, /Finished/);
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });

  beforeAll(async () => {
    mkdirSync(ARTEFACTS, { recursive: true });
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      colorScheme: 'light',
    });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(server.url);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('greets with what SLOT does, hides the token and opens the starter model', async () => {
    expect(new URL(page.url()).search).toBe('');
    await shows(() => textOf(byId('model')), /starter\s+fp32/);
    expect(await textOf(byId('empty-state'))).toContain('delta');
    expect(await byId('run').isDisabled()).toBe(true);
    await shows(status, /Write a prompt first\./);
    await screenshot('empty-light');
  });

  it('answers in both lanes and fills every chart', async () => {
    await byId('prompt').fill(PROMPT);
    await page.keyboard.press('Control+Enter');
    await finished();

    for (const lane of ['lane-baseline', 'lane-slot']) {
      expect((await textOf(byId(lane).getByTestId('lane-text'))).trim()).not.toBe('');
      expect(await textOf(byId(lane).getByTestId('lane-foot'))).toMatch(/\d+ tokens?/);
    }
    expect(await textOf(byId('lane-slot'))).toMatch(/5 × 0\.1 transformers · loss \d/);
    for (const chart of ['loss-chart', 'delta-norm-chart', 'gradient-norm-chart']) {
      await expect.poll(() => byId(chart).locator('.recharts-line-curve').count()).toBe(1);
    }
    expect(await byId('prompt-strip').locator('li').count()).toBeGreaterThan(10);
    await screenshot('run-light');
    await byId('tab-vocabulary').click();
    expect(await byId('shift-bars').locator('tbody tr').count()).toBe(20);
    expect(await textOf(byId('groups'))).toMatch(/reasoning[\s\S]*digits/);
  });

  it('gives the figures of a chart as a table, the loss falling', async () => {
    await byId('tab-optimisation').click();
    const chart = byId('loss-chart');
    const toggle = chart.getByRole('button', { name: /as a table/ });
    await toggle.click();
    const cells = await chart.locator('tbody td:nth-child(2)').allInnerTexts();
    const losses = cells.map(Number);
    expect(losses).toHaveLength(6);
    expect(losses.toSorted((a, b) => b - a)).toEqual(losses);
    expect(losses[5]).toBeLessThan(losses[0] ?? 0);
    await toggle.click();
  });

  it('lets the step slider drive the vocabulary, by keyboard', async () => {
    await byId('tab-vocabulary').click();
    const bars = () => textOf(byId('shift-bars'));
    const last = await bars();
    await byId('step-slider').focus();
    await page.keyboard.press('ArrowLeft');
    await shows(() => textOf(byId('step-figures')), /4 of 5/);
    expect(await bars()).not.toBe(last);
    await page.keyboard.press('Home');
    await shows(bars, /no token has moved/);
    await page.keyboard.press('End');
    await expect.poll(bars).toBe(last);
  });

  it('ranks by centred shift and by mass moved', async () => {
    const bars = () => textOf(byId('shift-bars'));
    const raw = await bars();
    await byId('metric').selectOption('centred');
    await expect.poll(bars).not.toBe(raw);
    await byId('metric').selectOption('mass');
    await shows(bars, /gained, percentage points/);
    await byId('metric').selectOption('raw');
    await expect.poll(bars).toBe(raw);
  });

  it('finds any token with its exact shift', async () => {
    await byId('token-search').getByRole('searchbox').fill(' think');
    const row = byId('found-tokens').getByRole('row').filter({ hasText: '·think' }).first();
    await shows(() => textOf(row), /·think\s+[+−]\d\.\d{3}\s+[+−]\d\.\d{3}/);
    await byId('token-search').getByRole('searchbox').fill('');
    await byId('tab-optimisation').click();
  });

  it('shows both distributions of a token, by pointer and by keyboard', async () => {
    await byId('lane-slot').locator('[data-index="2"]').hover();
    await shows(() => textOf(byId('token-card')), /token 3 of slot[\s\S]*without delta/);
    await screenshot('token-card-light');
    await page.mouse.move(640, 5);
    await byId('lane-baseline').getByTestId('lane-text').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await shows(() => textOf(byId('token-card')), /token 2 of baseline/);
    await page.keyboard.press('Escape');
    await expect.poll(() => byId('token-card').count()).toBe(0);
  });

  it('says what is wrong with bad input beside it, and keeps it over a reload', async () => {
    await byId('steps-slot').fill('5000');
    expect(await byId('run').isDisabled()).toBe(true);
    await shows(status, /Steps: must be a whole number from 0 to 1000\./);
    expect(await byId('steps-slot').getAttribute('aria-invalid')).toBe('true');
    await byId('lr-slot').fill('0,1');
    expect(await byId('lr-slot').getAttribute('aria-invalid')).toBe('true');
    await byId('system').fill('Be brief.');
    await screenshot('bad-input-light');

    await page.reload();
    await shows(() => textOf(byId('model')), /starter/);
    expect(await byId('steps-slot').inputValue()).toBe('5000');
    expect(await byId('lr-slot').inputValue()).toBe('0,1');
    expect(await byId('prompt').inputValue()).toBe(PROMPT);
    expect(await byId('system').inputValue()).toBe('Be brief.');

    await byId('prompt').fill('   ');
    await byId('steps-slot').fill('5');
    await byId('lr-slot').fill('0.1');
    await shows(status, /Write a prompt first/);
    expect(await byId('run').isDisabled()).toBe(true);
    await byId('system').fill('');
    await byId('prompt').fill(PROMPT);
    expect(await byId('run').isEnabled()).toBe(true);
  });

  it('says beside the model what is wrong with a folder, and goes back to the starter', async () => {
    await byId('model').click();
    await byId('model-folder').fill('/nowhere/model');
    await page.keyboard.press('Enter');
    await shows(() => textOf(byId('model-error')), /nowhere/);
    expect(await byId('model-folder').inputValue()).toBe('/nowhere/model');
    await screenshot('model-error-light');
    await byId('model-folder').fill('');
    await page.keyboard.press('Enter');
    await shows(() => textOf(byId('model')), /starter/);
    await page.keyboard.press('Escape');
    expect(await byId('prompt').inputValue()).toBe(PROMPT);
  });

  it('cancels a long run at once and keeps what had arrived', async () => {
    await byId('steps-slot').fill('1000');
    await byId('ignore-eos').check();
    await byId('run').click();
    await shows(status, /SLOT step \d+ of 1000/);
    const asked = Date.now();
    await page.keyboard.press('Escape');
    await shows(status, /Cancelled/);
    expect(Date.now() - asked).toBeLessThan(3_000);
    await expect.poll(() => byId('loss-chart').locator('.recharts-line-curve').count()).toBe(1);
    expect(await textOf(byId('lane-slot'))).toMatch(/cut short/);
    expect(await byId('run').isEnabled()).toBe(true);
    await byId('steps-slot').fill('5');
    await byId('ignore-eos').uncheck();
  });

  it('shows hostile text as text', async () => {
    const hostile = '<img src=x onerror="document.title=1"> \u202Egnp.exe \u001b[31m';
    await page.getByRole('radio', { name: 'Raw' }).first().click();
    await byId('prompt').fill(hostile);
    await byId('run').click();
    await finished();
    expect(await page.locator('#root img').count()).toBe(0);
    expect(await page.title()).toBe('SLOT Studio');
    expect(await textOf(byId('prompt-strip'))).not.toMatch(/\p{Cf}|[^\P{Cc}\n]/u);
    await page.getByRole('radio', { name: 'Chat' }).click();
    await byId('prompt').fill(PROMPT);
  });

  it('follows a group of the user, and wears the dark theme', async () => {
    await byId('group-name').fill('fruit');
    await byId('group-words').fill('apples, apple');
    await byId('run').click();
    await finished();
    await byId('tab-vocabulary').click();
    await shows(() => textOf(byId('groups')), /fruit \d+\s+[+−]\d/);

    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await byId('theme').click();
    await byId('theme').click();
    expect(await textOf(byId('theme'))).toMatch(/Dark/);
    expect(await background()).not.toBe(light);
    await screenshot('run-dark');
    await page.setViewportSize({ width: 1920, height: 1080 });
    await screenshot('run-dark-1920');
    await byId('theme').click();
    await screenshot('run-light-1920');
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('never logged an error', () => {
    expect(complaints).toEqual([]);
  });

  it('outlives its engine and starts another one', async () => {
    if (process.platform !== 'linux') return;
    const [engine = 0] = server.enginePids();
    expect(engine).toBeGreaterThan(1);
    await byId('steps-slot').fill('1000');
    await byId('run').click();
    await shows(status, /SLOT step/);
    process.kill(engine, 'SIGKILL');
    await shows(() => textOf(byId('engine-banner')), /engine process was killed/);
    await shows(() => textOf(byId('error')), /engine/i);
    await screenshot('engine-lost-light');
    expect(await byId('prompt').inputValue()).toBe(PROMPT);

    await page.getByRole('button', { name: 'Restart engine' }).click();
    await expect.poll(() => byId('engine-banner').count(), { timeout: 60_000 }).toBe(0);
    await byId('steps-slot').fill('5');
    await byId('run').click();
    await finished();
  });
});
