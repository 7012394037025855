/** Optimisation and vocabulary in a real browser, on the starter model. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { number, points, signed } from '../../renderer/ui/text/format';
import { askEngine } from './engine-socket';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const PROMPT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
/** As the user sees it, hidden parts left out. */
const textOf = (locator: Locator) => locator.innerText();
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the vocabulary are skipped: ${skip}.`);

describe.skipIf(skip !== null)('optimisation and vocabulary', () => {
  const data = mkdtempSync(join(tmpdir(), 'slot-studio-vocabulary-'));
  let window: OpenWindow;
  let page: Page;
  let runId = '';

  const byId = (id: string): Locator => page.getByTestId(id);
  const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
    expect.poll(read, { timeout, interval: 50 }).toMatch(text);
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  const view = (name: string) => page.getByRole('radio', { name, exact: true }).click();
  const search = (text: string) => byId('token-search').getByRole('searchbox').fill(text);

  async function run(): Promise<void> {
    await byId('prompt').fill(PROMPT);
    await runToEnd(page, () => page.keyboard.press('Control+Enter'));
  }

  beforeAll(async () => {
    window = await openWindow({ dataFolder: data });
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
    rmSync(data, { recursive: true, force: true });
  });

  it('shows loss, norms and time, on a logarithmic axis where asked', async () => {
    await byId('group-name').fill('fruit');
    await byId('group-words').fill('/^ ?apple/');
    await run();
    const { runs } = await askEngine(window.server.url, 'runs.list', {});
    runId = runs[0]?.runId ?? '';
    for (const chart of ['loss-chart', 'delta-norm-chart', 'gradient-norm-chart', 'step-time-chart']) {
      await expect.poll(() => byId(chart).locator('.recharts-line-curve').count()).toBe(1);
    }
    const ticks = () =>
      byId('gradient-norm-chart').locator('.recharts-cartesian-axis-tick-value').allTextContents();
    const linear = await ticks();
    await page.getByRole('button', { name: 'log axis: Gradient norm' }).click();
    await expect.poll(ticks).not.toEqual(linear);
    await screenshot('optimisation-light');
  });

  it('lets the step drive the strip, the lists and the heatmap', async () => {
    await byId('tab-vocabulary').click();
    const strip = () => textOf(byId('prompt-strip'));
    const bars = () => textOf(byId('shift-bars'));
    await shows(strip, /after step 5/);
    const last = await bars();
    await page.locator('body').click({ position: { x: 2, y: 2 } });
    await page.keyboard.press('[');
    await page.keyboard.press('[');
    await shows(strip, /after step 3/);
    await expect.poll(bars).not.toBe(last);
    await view('Heatmap');
    await expect.poll(() => byId('heatmap-step').getAttribute('data-step')).toBe('3');
    await shows(() => textOf(byId('heatmap-told')), /step 3: [+−]/);
    await byId('play').click();
    await expect.poll(() => byId('heatmap-step').getAttribute('data-step'), { timeout: 5_000 }).toBe('5');
    await expect.poll(() => byId('play').getAttribute('aria-pressed')).toBe('false');
    await view('Most moved');
    await expect.poll(bars).toBe(last);
  });

  it('tells what was learned of the prompt, as the engine measured it', async () => {
    const { events } = await askEngine(window.server.url, 'runs.read', { runId });
    const done = events.find((event) => event.type === 'slot.done');
    const second = events.find((event) => event.type === 'slot.step' && event.step === 1);
    if (done?.type !== 'slot.done' || second?.type !== 'slot.step') throw new Error('no steps');
    await byId('step-slider').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
    await byId('prompt-strip').locator('ol').focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    const was = done.positionLoss.before[3] ?? Number.NaN;
    const is = second.positionLoss?.[3] ?? Number.NaN;
    await shows(
      () => textOf(byId('prompt-told')),
      `loss ${number(was)} → ${number(is)} (${signed(is - was)})`,
    );
    await page.keyboard.press('Escape');
    await shows(() => textOf(byId('most-learned')), /most learned\s*\S+ −\d/);
    await byId('step-slider').focus();
    await page.keyboard.press('End');
  });

  it('watches any token, with the engine’s own figures at every step', async () => {
    await search(' think');
    await byId('found-tokens').getByRole('button', { name: 'Watch ·think' }).first().click();
    const watched = byId('watched-tokens');
    await watched.getByRole('button', { name: '·think' }).last().click();
    const { tokens } = await askEngine(window.server.url, 'shift.search', {
      runId,
      lane: 'slot',
      search: ' think',
    });
    const think = tokens.find(({ token }) => token === ' think');
    if (!think) throw new Error('the starter model lost a word');
    const own = watched.locator('.token-rows__steps tbody tr');
    await expect.poll(() => own.count()).toBe(6);
    expect(await own.locator('td:nth-child(2)').allInnerTexts()).toEqual(
      [0, ...think.shifts].map((shift) => signed(shift, 3)),
    );
    const { meanP, baseMeanP } = await askEngine(window.server.url, 'shift.read', {
      runId,
      lane: 'slot',
      step: 4,
    });
    const moved = (meanP[think.id] ?? 0) - (baseMeanP[think.id] ?? 0);
    expect(await textOf(watched.locator('tbody tr').first())).toContain(points(moved));
    await search('');
    await expect.poll(() => byId('watched-chart').locator('.recharts-line-curve').count()).toBe(1);
    await screenshot('vocabulary-bars-light');

    await view('Heatmap');
    expect(await textOf(byId('heatmap'))).toContain('·think');
    await screenshot('vocabulary-heatmap-light');
    await view('Spread');
    await shows(() => textOf(byId('histogram-marks')), /★ ·think/);
    await screenshot('vocabulary-spread-light');
    await view('Most moved');
  });

  it('follows a group of one’s own by pattern, and says what does not compile', async () => {
    const { tokens } = await askEngine(window.server.url, 'vocabulary.read', { runId });
    const { shift } = await askEngine(window.server.url, 'shift.read', { runId, lane: 'slot', step: 4 });
    const ids = tokens.flatMap((token, id) => (/^ ?apple/u.test(token) ? [id] : []));
    const mean = ids.reduce((sum, id) => sum + (shift[id] ?? 0), 0) / ids.length;
    expect(ids.length).toBeGreaterThan(1);
    const row = byId('groups').getByRole('row').filter({ hasText: 'fruit' });
    await shows(() => textOf(row), `fruit ${ids.length}`);
    expect(await textOf(row)).toContain(signed(mean, 3));
    await row.getByRole('button').click();
    expect(await byId('groups').locator('.groups__list li').count()).toBe(ids.length);
    await row.getByRole('button').click();

    // Without another run: a group that is written now is followed at once.
    await byId('group-words').fill('/^ ?apples?$|^ ?Tom$/');
    await byId('group-name').fill('names');
    await shows(() => textOf(byId('groups')), /names \d/);
    await byId('group-words').fill('/^(/');
    await page.getByText('Not a regular expression: Unterminated group.', { exact: true }).waitFor();
    await byId('group-words').fill('/^ ?apple/');
    await byId('group-name').fill('fruit');
  });

  it('lists the whole vocabulary, sorted and filtered', async () => {
    await view('Table');
    const table = byId('vocabulary-table');
    const { tokens } = await askEngine(window.server.url, 'vocabulary.read', { runId });
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(tokens.length + 1));
    const matches = tokens.filter((token) => /^ ?th/iu.test(token)).length;
    await search('/^ ?th/i');
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(matches + 1));
    await table.getByRole('button', { name: 'token', exact: true }).click();
    await expect
      .poll(async () => (await table.getByRole('rowheader').first().locator('.mono').innerText()).slice(0, 3))
      .toBe('·Th');
    await screenshot('vocabulary-table-light');
    await search('/th(/');
    await shows(() => textOf(byId('filter-problem')), /Unterminated group/);
    await search('');
    await byId('token-scope').selectOption('group:digits');
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe('11');
    await byId('token-scope').selectOption('all');
    await view('Most moved');
  });

  it('works out the mass moved over the answer when asked, and differences at any of its tokens', async () => {
    await byId('metric').selectOption('answerMass');
    await byId('ask-answer-mass').click();
    const sum: number[] = [];
    for (let from = 0, positions = 1; from < positions; ) {
      const part = await askEngine(window.server.url, 'answer.massMoved', { runId, lane: 'slot', from });
      for (const [id, moved] of part.massMoved.entries()) sum[id] = (sum[id] ?? 0) + moved / part.positions;
      [from, positions] = [part.to, part.positions];
    }
    await shows(() => textOf(byId('shift-bars')), points(Math.max(...sum)));

    await byId('metric').selectOption('logprob');
    await byId('answer-position').fill('2');
    const { logprobs, baseLogprobs } = await askEngine(window.server.url, 'distribution.read', {
      runId,
      lane: 'slot',
      index: 1,
    });
    const top = Math.max(...logprobs.map((p, id) => p - (baseLogprobs[id] ?? 0)));
    await shows(() => textOf(byId('shift-bars')), signed(top, 3));
    await byId('metric').selectOption('centred');
  });

  it('remembers watched tokens and widths over a reload, and the dark theme holds', async () => {
    const separator = byId('separator-right');
    await separator.focus();
    await page.keyboard.press('ArrowLeft');
    const width = await separator.getAttribute('aria-valuenow');
    expect(Number(width)).toBeGreaterThan(416);
    await page.waitForTimeout(400);
    await page.reload();
    await shows(() => textOf(byId('model')), /starter/);
    expect(await byId('separator-right').getAttribute('aria-valuenow')).toBe(width);
    await run();
    await shows(() => textOf(byId('watched-tokens')), /·think/);
    await byId('theme').click();
    await byId('theme').click();
    await page.setViewportSize({ width: 1920, height: 1080 });
    await screenshot('vocabulary-bars-dark-1920');
    await view('Heatmap');
    await byId('heatmap-step').waitFor();
    await screenshot('vocabulary-heatmap-dark-1920');
  });

  it('shows all of a stored run from disk, and what needs its model while that is open', async () => {
    expect(window.complaints).toEqual([]);
    await window.close();
    window = await openWindow({ dataFolder: data });
    page = window.page;
    await page.keyboard.press('Control+o');
    await byId('run-row').last().getByRole('button').first().click();
    await byId('tab-vocabulary').click();
    await shows(() => textOf(byId('groups')), /fruit 2/);
    await byId('metric').selectOption('rank');
    await expect.poll(() => byId('shift-bars').locator('tbody tr').count()).toBe(20);
    await view('Heatmap');
    await byId('heatmap-step').waitFor();
    await view('Most moved');
    await byId('metric').selectOption('logprob');
    await shows(() => textOf(byId('metric-meaning')), /^(?!.*no longer at hand)/);
    await expect.poll(() => byId('shift-bars').locator('tbody tr').count(), { timeout: 30_000 }).toBe(20);
    await screenshot('vocabulary-stored-light');
  });

  it('never logged an error', () => {
    expect(window.complaints).toEqual([]);
  });
});
