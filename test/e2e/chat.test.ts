/** A conversation in the real window on the starter model: turns, lanes, tokens, splits and branches. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd as finishRun } from './run-to-end';

const PROMPT =
  'Mia has 4 boxes with 6 pencils in each box. She gives 5 pencils to her brother. How many are left?';
/** As the user sees it, hidden parts left out. */
const textOf = (locator: Locator) => locator.innerText();
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the conversation are skipped: ${skip}.`);

describe.skipIf(skip !== null)('a conversation', () => {
  let window: OpenWindow;
  let page: Page;

  const byId = (id: string): Locator => page.getByTestId(id);
  const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
    expect.poll(read, { timeout, interval: 50 }).toMatch(text);
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  const answers = (lane: string) => byId(`lane-${lane}`).getByTestId('lane-text');
  /** The tokens' own text, without marks; unlike inner text it is there for what is out of view too. */
  const answer = (lane: string, turn: number) =>
    answers(lane)
      .nth(turn)
      .evaluate((element) => {
        const isMark = (node: Node) =>
          node instanceof HTMLElement && node.matches('.token__flag, .token__unseen');
        return [...element.querySelectorAll('.token')]
          .map((token) => [...token.childNodes].filter((node) => !isMark(node)))
          .flatMap((nodes) => nodes.map((node) => node.textContent ?? ''))
          .join('');
      });
  /** Nothing is focused that takes letters for letters. */
  const leaveFields = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const runToEnd = (act: () => Promise<unknown>) => finishRun(page, act);

  beforeAll(async () => {
    window = await openWindow();
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
  });

  it('has two turns in two lanes, each with a history of its own', async () => {
    await shows(() => textOf(byId('model')), /starter/);
    await byId('prompt').fill(PROMPT);
    await runToEnd(() => page.keyboard.press('Control+Enter'));
    await byId('follow-up').fill('And if she gives away 2 more?');
    await runToEnd(() => page.keyboard.press('Enter'));
    for (const lane of ['baseline', 'slot']) {
      expect(await answers(lane).count()).toBe(2);
      expect((await answer(lane, 1)).trim()).not.toBe('');
    }
    // The prompt that the charts show is the slot lane's own: it holds that lane's first answer.
    const words = (await answer('slot', 0))
      .replace(/[^A-Za-z]+/g, ' ')
      .trim()
      .split(' ');
    const strip = await textOf(byId('prompt-strip'));
    expect(strip).toContain(words[1] ?? '');
    expect(strip).toMatch(/gives[\s\S]*away/);
    expect(await byId('follow-up').inputValue()).toBe('');
    const foot = await textOf(byId('lane-slot').getByTestId('lane-foot').last());
    expect(foot).toMatch(/\d+ tokens?\s+[\d.]+ tok\/s\s+first [\d.]+ m?s\s+(end token|length limit)/);
    await screenshot('chat-light');
  });

  it('shows an earlier turn in the charts, and the last one again', async () => {
    const strip = () => textOf(byId('prompt-strip'));
    const losses = () => byId('loss-chart').locator('.recharts-line-curve').first().getAttribute('d');
    const ofLast = await losses();
    const ask = page.getByRole('button', { name: 'Show in charts' });
    await ask.click();
    await shows(strip, /Mia[\s\S]*left/);
    await expect.poll(strip).not.toMatch(/gives[\s\S]*away/);
    await expect.poll(losses).not.toBe(ofLast);
    await ask.click();
    await shows(strip, /gives[\s\S]*away/);
    await expect.poll(losses).toBe(ofLast);
  });

  it('says where the lanes part, and why', async () => {
    await shows(() => textOf(byId('divergence-line').first()), /first difference: token \d+/);
    await byId('explain-divergence').first().click();
    const card = byId('divergence-card');
    await shows(() => textOf(card), /The lanes part at token \d+/);
    await shows(() => textOf(card), /In slot delta moved the odds by \d+\.\d+ nats/);
    expect(await textOf(card)).toMatch(/What tipped it[\s\S]*reasoning\s+group mean[\s\S]*digits/);
    // Both candidates have exact shifts, whether the lists name them or not.
    await shows(() => textOf(card.locator('.tipped-by__lane tr').first()), /[+−]\d+\.\d{3}/);
    expect(await card.locator('.paired tbody tr').count()).toBe(8);
    await screenshot('divergence-card-light');
    await page.keyboard.press('Escape');
    await expect.poll(() => card.count()).toBe(0);
    // The card gives the keyboard back to its button, after it has gone.
    const button = byId('explain-divergence').first();
    await expect.poll(() => button.evaluate((own) => own === document.activeElement)).toBe(true);
  });

  it('goes to splits and tokens by keyboard, and pins one', async () => {
    await leaveFields();
    await page.keyboard.press('d');
    await shows(() => textOf(byId('token-card')), /token \d+ of slot/);
    const first = await textOf(byId('token-card').locator('.token-card__title'));
    await page.keyboard.press('ArrowRight');
    expect(await textOf(byId('token-card').locator('.token-card__title'))).not.toBe(first);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    const panel = byId('token-panel');
    await shows(() => textOf(panel), /this lane\s+without delta/);
    expect(await textOf(panel)).toContain('The lanes part at token');
    expect(await byId('alternatives').locator('tbody tr').count()).toBe(20);
    expect(await page.locator('.token--pinned').count()).toBe(1);
  });

  it('branches from the pinned token with another alternative', async () => {
    const index = Number(await page.locator('.token--pinned').getAttribute('data-index'));
    const alternative = byId('alternatives')
      .getByRole('button', { name: /^Continue from here/ })
      .first();
    const chosen = /with (.*)$/.exec((await alternative.getAttribute('aria-label')) ?? '')?.[1];
    await runToEnd(() => alternative.click());
    const branch = byId('lane-slot · branch 1');
    await shows(() => textOf(branch), new RegExp(`off slot, token ${index + 1}`));
    const tokens = branch.getByTestId('lane-text').locator('.token');
    expect(await branch.locator('.token--forced').count()).toBe(index + 1);
    const [stem, own] = await Promise.all([
      answers('slot')
        .first()
        .locator('.token')
        .nth(index - 1)
        .textContent(),
      tokens.nth(index - 1).textContent(),
    ]);
    expect(own).toBe(stem);
    expect((await tokens.nth(index).textContent())?.replaceAll(' ', '·')).toContain(chosen);
    expect(await tokens.count()).toBeGreaterThan(index + 1);
    await screenshot('branch-light');
  });

  it('removes the branch, and brings it back with undo', async () => {
    const branch = byId('lane-slot · branch 1');
    await branch.getByRole('button', { name: /more$/ }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await expect.poll(() => branch.count()).toBe(0);
    await byId('toast').getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => branch.count()).toBe(1);
    await branch.getByRole('button', { name: /more$/ }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await expect.poll(() => branch.count()).toBe(0);
  });

  it('answers the last turn again, the same at the same seed', async () => {
    const before = [await answer('baseline', 1), await answer('slot', 1)];
    await leaveFields();
    await runToEnd(() => page.keyboard.press('r'));
    expect([await answer('baseline', 1), await answer('slot', 1)]).toEqual(before);

    // Hot enough that no two seeds write the same.
    await byId('temperature').fill('8');
    await byId('regenerate').click();
    await runToEnd(() => page.getByRole('menuitem', { name: /With a new seed/ }).click());
    expect(await answer('baseline', 1)).not.toBe(before[0]);
    expect(await byId('seed').inputValue()).not.toBe('0');
    const other = await answer('baseline', 1);
    // One lane alone: the other's answer stays.
    await byId('lane-slot').getByRole('button', { name: /more$/ }).click();
    await runToEnd(() => page.getByRole('menuitem', { name: /new seed/ }).click());
    expect(await answer('baseline', 1)).toBe(other);
    await byId('temperature').fill('0');
  });

  it('asks a changed turn again, drops the later one, and brings it back', async () => {
    const second = await answer('slot', 1);
    await byId('user-turn-1').getByRole('button', { name: 'Edit' }).click();
    await byId('turn-text').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await page.reload();
    await shows(() => textOf(byId('model')), /starter/);
    // What was typed and what was answered have outlived the reload; the tokens come from disk.
    expect(await byId('turn-text').inputValue()).toMatch(/^Tom has 3 apples/);
    await expect.poll(() => answers('slot').count()).toBe(2);
    expect(await answer('slot', 1)).toBe(second);

    await runToEnd(() => page.getByRole('button', { name: 'Ask again' }).click());
    expect(await answers('slot').count()).toBe(1);
    expect(await byId('prompt').inputValue()).toMatch(/^Tom has 3 apples/);
    await byId('toast').getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => answers('slot').count()).toBe(2);
    expect(await answer('slot', 1)).toBe(second);
    expect(await byId('prompt').inputValue()).toBe(PROMPT);
  });

  it('colours tokens by what is chosen, with a legend', async () => {
    const toned = () => byId('lane-slot').locator('[class*="tone-"]').count();
    expect(await toned()).toBeGreaterThan(0);
    expect(await byId('lane-baseline').locator('[class*="tone-"]').count()).toBe(0);
    expect(await byId('colour-legend').getAttribute('aria-label')).toMatch(/log-probability[\s\S]*−2, −\.5/);
    await byId('colouring').selectOption({ label: 'Entropy' });
    expect(await byId('colour-legend').getAttribute('aria-label')).toMatch(/entropy/);
    expect(
      await byId('lane-baseline').locator('.tone-s1, .tone-s2, .tone-s3, .tone-s4').count(),
    ).toBeGreaterThan(0);
    await byId('colouring').selectOption({ label: 'No colour' });
    expect(await toned()).toBe(0);
    expect(await byId('colour-legend').count()).toBe(0);
    await byId('colouring').selectOption({ label: 'Δ log-probability' });
  });

  it('shows text instead of tokens, and Markdown, with one key', async () => {
    await leaveFields();
    const tokens = await answer('slot', 0);
    await page.keyboard.press('m');
    await expect.poll(() => byId('lane-slot').getByTestId('answer-text').count()).toBe(2);
    // What is out of view has no layout, and so no inner text.
    const text = async () => (await byId('lane-slot').getByTestId('answer-text').first().textContent()) ?? '';
    const written = tokens.replaceAll(/\s/g, '');
    expect(await text()).toBe(tokens);
    await page.keyboard.press('m');
    await byId('lane-slot').locator('.answer-text__block').first().waitFor({ state: 'attached' });
    await expect.poll(async () => (await text()).replaceAll(/\s/g, '')).toBe(written);
    await page.keyboard.press('m');
    await expect.poll(() => answers('slot').count()).toBe(2);
  });

  it('never logged an error', () => {
    expect(window.complaints).toEqual([]);
  });
});
