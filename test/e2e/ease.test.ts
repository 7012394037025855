/** What makes the window easy: the tour, undo by key, lists of prompts, density, folded explanations, figures of speed. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { expectNothingSerious } from './axe';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';

const skip = reasonToSkip();
if (skip !== null) console.warn(`tests of ease skipped: ${skip}`);

describe.skipIf(skip !== null)('the window', () => {
  let studio: OpenWindow;

  beforeAll(async () => {
    studio = await openWindow();
  });
  afterAll(() => studio?.close());

  it('has room for what it says where the window is narrow', async () => {
    const { page, byId } = studio;
    await page.setViewportSize({ width: 1024, height: 700 });
    const overflow = page
      .locator('.status-line__text')
      .evaluate((text) => text.scrollHeight - text.clientHeight);
    expect(await overflow).toBeLessThanOrEqual(0);
    const top = (id: string) => byId(id).evaluate((element) => element.getBoundingClientRect().top);
    expect(await top('prompts')).toBe(await top('examples'));
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('offers a tour once, which keys walk through and end', async () => {
    const { page, byId } = studio;
    await byId('tour-offer').getByText('Show me').click();
    const title = () => byId('tour').getByRole('heading').textContent();
    await byId('tour').waitFor();
    expect(await title()).toContain('1 of 5');
    expect(await page.locator('[data-marked]').getAttribute('data-testid')).toBe('model');
    await page.keyboard.press('Enter');
    await expect.poll(title).toContain('The prompt');
    await page.keyboard.press('ArrowRight');
    await expect.poll(title).toContain('Lanes');
    // Beside what it tells of.
    const card = await byId('tour').boundingBox();
    const marked = await page.locator('[data-marked]').boundingBox();
    expect(card!.x).toBeGreaterThanOrEqual(marked!.x + marked!.width);
    await expectNothingSerious(page, 'the tour');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(title).toContain('The prompt');
    await page.keyboard.press('Escape');
    await byId('tour').waitFor({ state: 'detached' });
    expect(await page.locator('[data-marked]').count()).toBe(0);
    // Where it is asked for again.
    await expect
      .poll(() => byId('help').evaluate((element) => element === document.activeElement))
      .toBe(true);
    expect(await byId('tour-offer').count()).toBe(0);
    // Once what changed was written down.
    await page.waitForFunction(() =>
      localStorage.getItem('slot-studio:state')?.includes('"isTourOffered":false'),
    );
    await page.reload();
    await page.getByTestId('empty-state').waitFor();
    expect(await byId('tour-offer').count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('take the tour');
    await page.keyboard.press('Enter');
    await byId('tour').waitFor();
    await byId('tour-end').click();
  });

  it('takes changes back by key, and leaves the text of a field to the browser', async () => {
    const { page, byId } = studio;
    await byId('preset-slot').selectOption('vllm');
    await page.keyboard.press('Control+z');
    expect(await byId('preset-slot').inputValue()).toBe('transformers');
    await byId('toast').getByText('Undone: preset of slot.').waitFor();
    await page.keyboard.press('Control+Shift+z');
    expect(await byId('preset-slot').inputValue()).toBe('vllm');
    await byId('prompt').fill('Hello');
    await page.keyboard.type(' you');
    await page.keyboard.press('Control+z');
    expect(await byId('preset-slot').inputValue()).toBe('vllm');
    expect(await byId('prompt').inputValue()).not.toBe('Hello you');
    await byId('undo').click();
    expect(await byId('preset-slot').inputValue()).toBe('transformers');
    await byId('prompt').fill('');
  });

  it('steps through a list of prompts, keeps the view, and shows earlier answers again', async () => {
    const { page, byId } = studio;
    await byId('maxNewTokens').fill('4');
    await byId('prompts').click();
    await page.getByText('A list of prompts…').click();
    await byId('prompt-set-file').setInputFiles({
      name: 'mine.jsonl',
      mimeType: 'application/jsonl',
      buffer: Buffer.from('{"prompt":"Tom has 3 dogs."}\n{"prompt":"Ann has 4 cats."}\n'),
    });
    await byId('prompt-set-read').getByText('2 prompts to step through').waitFor();
    await byId('prompt-set-begin').click();
    await byId('run').click();
    await byId('status').getByText('Finished').waitFor();
    const first = await byId('status').getAttribute('data-run');
    await byId('tab-vocabulary').click();
    await byId('step-slider').fill('2');
    await byId('nextPrompt').click();
    await byId('status').getByText('Finished').waitFor();
    const second = await byId('status').getAttribute('data-run');
    expect(second).not.toBe(first);
    expect(await byId('user-turn-1').textContent()).toContain('4 cats');
    expect(await byId('step-slider').inputValue()).toBe('2');
    expect(await byId('tab-vocabulary').getAttribute('aria-selected')).toBe('true');
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('Shift+n');
    await byId('user-turn-1').getByText('3 dogs').waitFor();
    await expect.poll(() => byId('status').getAttribute('data-run')).toBe(first);
    expect(await byId('prompt').inputValue()).toBe('Tom has 3 dogs.');
    await byId('prompts').click();
    await page.getByRole('menuitem', { name: 'Ann has 4 cats.' }).click();
    expect(await byId('prompt').inputValue()).toBe('Ann has 4 cats.');
  });

  it("explains a token of an answer on the prompt's own tokens", async () => {
    const { page, byId } = studio;
    await byId('lane-slot').locator('[data-index="1"]').last().click();
    await byId('explain-token').click();
    await byId('explained').waitFor();
    await byId('status').getByText('Finished').waitFor();
    const id = (await byId('explained').inputValue()).split(' ')[0];
    expect(await byId('token-panel').textContent()).toContain(`id ${id}`);
    expect(await byId('explain-token').getAttribute('aria-pressed')).toBe('true');
    // Each prompt token says what it added.
    await page.locator('.strip__tokens').press('End');
    expect(await byId('prompt-told').textContent()).toContain('to the shift');
    // Those that were left out are coloured by what was measured, beside how well that was estimated.
    const estimated = await tints(studio);
    await byId('explained').selectOption(`${id} left-out`);
    expect(await byId('explained').locator('option:checked').textContent()).toMatch(
      /left out, ρ −?[01]\.\d\d/,
    );
    await page.locator('.strip__token[title*="by leaving it out"]').first().waitFor();
    expect(await tints(studio)).not.toEqual(estimated);
    await byId('lane-baseline').locator('[data-index="1"]').last().click();
    expect(await byId('explain-token').getAttribute('title')).toContain('learned itself');
  });

  it('tells how fast lanes were, and where the time went', async () => {
    const { page, byId } = studio;
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('p');
    const speed = byId('speed');
    await speed.getByText('reading the prompt').waitFor();
    await speed.getByText('decoding').waitFor();
    await speed.getByText('engine’s memory').waitFor();
    expect(await byId('speed-memory').textContent()).toMatch(/memory[\d.]+ [MG]B/);
    await expectNothingSerious(page, 'speed and memory');
    // In a window as small as one at 200 % zoom it lies below the panes, not over them.
    for (const [width, height] of [
      [640, 360],
      [720, 450],
      [960, 540],
      [1024, 700],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.locator('.app').evaluate((app) => app.scrollTo(0, app.scrollHeight));
      const covered = await speed.evaluate((panel) => {
        const own = panel.getBoundingClientRect();
        const panes = [...document.querySelectorAll('.workspace, .dock')];
        return panes.some((pane) => {
          const box = pane.getBoundingClientRect();
          return box.height > 0 && box.bottom > own.top + 1;
        });
      });
      expect(covered, `${width} × ${height}`).toBe(false);
      const share = await speed.evaluate((panel) => panel.clientHeight / window.innerHeight);
      expect(share).toBeLessThan(0.15);
      await page.screenshot({ path: join(ARTEFACTS, `speed-${width}.png`) });
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.keyboard.press('p');
    await speed.waitFor({ state: 'detached' });
  });

  it('says what went wrong with its code, to be copied', async () => {
    const { page, byId } = studio;
    await byId('prompts').click();
    await page.getByText('A list of prompts…').click();
    await byId('prompt-set-file').setInputFiles({
      name: 'huge.txt',
      mimeType: 'text/plain',
      buffer: Buffer.alloc(4_000_001, 'a'),
    });
    await byId('toast').getByText('huge.txt is too large for a list of prompts').waitFor();
    expect(await byId('toast').locator('code').textContent()).toMatch(/\S/);
    await byId('toast').getByText('Copy').waitFor();
    // From the toast Escape closes the toast, from the dialog the dialog.
    await byId('toast').getByText('Copy').focus();
    await page.keyboard.press('Escape');
    await byId('toast').waitFor({ state: 'detached' });
    await byId('prompt-set-file').setInputFiles({
      name: 'huge.txt',
      mimeType: 'text/plain',
      buffer: Buffer.alloc(4_000_001, 'a'),
    });
    await byId('toast').waitFor();
    await byId('prompt-set-dialog').getByRole('textbox').first().focus();
    await page.keyboard.press('Escape');
    await byId('prompt-set-dialog').waitFor({ state: 'detached' });
  });

  it('is denser or roomier by tokens alone, and folds what was read away for good', async () => {
    const { page, byId } = studio;
    const height = () => byId('lane-row-slot').evaluate((element) => element.getBoundingClientRect().height);
    const help = page.getByText('Longest answer, in tokens.');
    const regular = await height();
    await byId('density').selectOption('compact');
    const compact = await height();
    await byId('density').selectOption('roomy');
    expect(compact).toBeLessThan(regular);
    expect(await height()).toBeGreaterThan(regular);
    await byId('density').selectOption('regular');
    await byId('fold-answer').click();
    expect(await help.isVisible()).toBe(false);
    // Screen readers go on reading it.
    expect(
      await byId('maxNewTokens').evaluate(
        (input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent,
      ),
    ).toContain('Longest answer');
    await page.waitForFunction(() =>
      localStorage.getItem('slot-studio:state')?.includes('"folded":["answer"]'),
    );
    await page.reload();
    await byId('fold-answer').waitFor();
    expect(await help.isVisible()).toBe(false);
    await byId('fold-answer').click();
    expect(await help.isVisible()).toBe(true);
    expect(studio.complaints).toEqual([]);
  });
});

/** How strongly each prompt token in sight is coloured. */
function tints({ page }: OpenWindow): Promise<string[]> {
  return page
    .locator('.strip__tint')
    .evaluateAll((all) => all.map((each) => each.getAttribute('style') ?? ''));
}
