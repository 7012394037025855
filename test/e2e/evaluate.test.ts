/** An evaluation in a real browser: set up, started, paused, resumed, looked into, opened in the workbench, deleted, undone. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { expectEdges, expectNothingSerious } from './axe';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const PROBLEMS = 6;
/** The baseline and 1 to 3 steps. */
const LANES = 4;

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of evaluations are skipped: ${skip}.`);

describe.skipIf(skip !== null)('an evaluation', () => {
  let window: OpenWindow;
  let page: Page;
  const byId = (id: string) => page.getByTestId(id);
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  const state = () => byId('job-state').innerText();

  beforeAll(async () => {
    window = await openWindow();
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
  });

  it('shows what it will ask before anything runs, and says what is wrong where it is typed', async () => {
    await byId('prompt').fill('Mine, half written');
    await page.keyboard.press('Control+e');
    await byId('evaluate-view').waitFor();
    await byId('evaluation-limit').fill('many');
    await page.getByText('Must be a whole number from 1 to 100000.').waitFor();
    expect(await byId('start-evaluation').isDisabled()).toBe(true);
    await byId('evaluation-limit').fill(String(PROBLEMS));
    await byId('evaluation-steps').fill('1..3');
    await byId('evaluation-rows').fill('1');
    await byId('evaluation-title').fill('Six problems');
    await expect
      .poll(() => byId('detectable').innerText())
      .toMatch(/^With 6 problems nothing below \d+ points/);
    expect(await byId('preview').innerText()).toMatch(
      /6 of 400 problems, 24 answers[\s\S]*<\|im_start\|>user/,
    );
    await expectNothingSerious(page, 'form');
    await expectEdges(page, 'form');
    await screenshot('evaluate-form-light');
  });

  it('starts, is paused with what it has, and is resumed to its end', async () => {
    await byId('start-evaluation').click();
    await byId('pause-job').click();
    await byId('resume-job').waitFor();
    expect(await state()).toMatch(/paused/);
    const answered = async () => Number(/^(\d+) of 24/.exec(await byId('job-progress').innerText())?.[1]);
    const before = await answered();
    expect(before).toBeLessThan(PROBLEMS * LANES);
    await byId('resume-job').click();
    await expect.poll(answered, { timeout: 60_000 }).toBeGreaterThan(before);
    await expect.poll(state, { timeout: 120_000 }).toMatch(/done/);
    await expect.poll(() => byId('lane-figures').count()).toBe(LANES);
    await expect.poll(() => byId('lane-figures').first().innerText()).toMatch(/baseline\s+\d of 6/);
    expect(await byId('claims').innerText()).toMatch(/no difference from baseline can be claimed/);
    expect(await byId('steps-told').innerText()).toMatch(/^3 steps: right \d/);
  });

  it.each(['light', 'dark'] as const)(
    'reads well in the %s theme, and nothing runs off sideways',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const tab of ['results', 'problems', 'tokens', 'provenance']) {
        await byId(`job-tab-${tab}`).click();
        await page.locator('.job__panel[data-state="active"] :is(table, .matrix)').first().waitFor();
        for (const size of [
          { width: 1024, height: 700 },
          { width: 1280, height: 720 },
        ]) {
          await page.setViewportSize(size);
          expect(await sideways(), `${tab} at ${size.width}`).toEqual([]);
        }
        await expectNothingSerious(page, tab);
        await expectEdges(page, tab);
        await screenshot(`evaluate-${tab}-${colorScheme}`);
      }
    },
  );

  it('narrows its problems and opens one by the keyboard', async () => {
    await byId('job-tab-problems').click();
    await expect.poll(() => byId('matrix-row').count()).toBe(PROBLEMS);
    await byId('matrix-search').fill('noah');
    await expect.poll(() => byId('matrix-count').innerText()).toMatch(/^\d of 6 problems$/);
    await byId('matrix-search').fill('');
    await expect.poll(() => byId('matrix-row').count()).toBe(PROBLEMS);
    await byId('matrix').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => byId('answer').count()).toBe(LANES);
    expect(await byId('problem-page').innerText()).toMatch(
      /Problem 2[\s\S]*gold answer[\s\S]*number[\s\S]*(right|wrong)/,
    );
    await expectNothingSerious(page, 'problem');
    await screenshot('evaluate-problem-dark');
  });

  it('runs a problem in the workbench, and the prompt that stood there comes back', async () => {
    const question = await byId('problem-page').locator('.problem-page__message p').nth(1).innerText();
    await runToEnd(page, () => byId('open-in-workbench').click());
    expect(await byId('prompt').inputValue()).toBe(question);
    await byId('lane-slot:3x0.1').waitFor();
    await page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    await byId('problem-page').waitFor();
    await page.keyboard.press('Control+e');
    await expect.poll(() => byId('prompt').inputValue()).toBe('Mine, half written');
  });

  it('is still there after a reload, and deleting it can be undone', async () => {
    await page.keyboard.press('Control+e');
    await byId('leave-problem').click();
    await page.reload();
    await byId('job-page').waitFor();
    await byId('delete-job').click();
    await byId('evaluation-new').waitFor();
    expect(await byId('job-row').count()).toBe(0);
    await page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    await byId('job-page').waitFor();
    expect(await byId('job-row').innerText()).toMatch(/Six problems\s+✓ done/);
    expect(window.complaints).toEqual([]);
  });

  /** What would have to be scrolled sideways, or is scrolled twice. */
  function sideways(): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll('html, .app, .top-bar, .evaluate, .evaluate__page, .jobs')]
        .filter(
          (box) =>
            box.scrollWidth > box.clientWidth ||
            (box.matches('html, .app') && box.scrollHeight > box.clientHeight),
        )
        .map(
          (box) =>
            `${box.className} ${box.scrollWidth}×${box.scrollHeight} in ${box.clientWidth}×${box.clientHeight}`,
        ),
    );
  }
});
