/** Text of users and models in the window: typed through an input method, shown as it is, found and told apart. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/protocol';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';
import { saved } from './saved';

const FAMILY = '👨\u200d👩\u200d👧\u200d👦';
const ENGLAND = '\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}';
const TITLE = `2·3 ${FAMILY} ${ENGLAND} می\u200cخواهم e\u0301 =cmd() how many?`;
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of text are skipped: ${skip}.`);

describe.skipIf(skip !== null)('text', () => {
  const data = mkdtempSync(join(tmpdir(), 'slot-studio-text-'));
  let window: OpenWindow;
  let page: Page;
  let client: CDPSession;

  const byId = (id: string): Locator => page.getByTestId(id);
  const textOf = (locator: Locator) => locator.innerText();
  const shows = (read: () => Promise<string>, text: string | RegExp) =>
    expect.poll(read, { timeout: 60_000, interval: 50 }).toMatch(text);
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  /** A key as an input method takes it: text is being composed in the focused field, and the key types none. */
  async function whileComposing(key: 'Enter' | 'Escape', modifiers = 0): Promise<void> {
    await client.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 });
    const event = { key, code: key, windowsVirtualKeyCode: key === 'Enter' ? 13 : 27, modifiers };
    await client.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
    await client.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }
  const CONTROL = 2;
  const commit = () => client.send('Input.insertText', { text: '日本' });
  const openRuns = async () => {
    await page.keyboard.press('Control+o');
    await byId('runs-panel').waitFor();
  };

  beforeAll(async () => {
    window = await openWindow({ dataFolder: data });
    page = window.page;
    client = await page.context().newCDPSession(page);
    await byId('maxNewTokens').fill('24');
    await byId('prompt').fill(TITLE);
    await byId('run').click();
    await byId('status').getByText('Finished').waitFor();
  });

  afterAll(async () => {
    await window?.close();
    rmSync(data, { recursive: true, force: true });
    expect(window?.complaints).toEqual([]);
  });

  it('is neither sent nor lost by a key that belongs to the input method', async () => {
    // Enter in the next turn's field, and in one that is being changed, Escape too.
    await byId('follow-up').focus();
    await whileComposing('Enter');
    await commit();
    expect(await byId('follow-up').inputValue()).toBe('日本');
    expect(await byId('user-turn-2').count()).toBe(0);
    await byId('follow-up').fill('');

    await byId('user-turn-1').getByRole('button', { name: 'Edit' }).click();
    await byId('turn-text').fill('');
    await whileComposing('Escape');
    await whileComposing('Enter', CONTROL);
    await commit();
    expect(await byId('turn-text').inputValue()).toBe('日本');
    await page.keyboard.press('Escape');
    await byId('turn-text').waitFor({ state: 'detached' });
  });

  it('stays in dialogs and their forms, too', async () => {
    await openRuns();
    await byId('runs-panel').getByRole('searchbox').focus();
    await whileComposing('Escape');
    await commit();
    expect(await byId('runs-panel').getByRole('searchbox').inputValue()).toBe('日本');
    await byId('runs-panel').getByRole('searchbox').fill('');
    await byId('run-row').getByRole('button', { name: 'Tag' }).click();
    await byId('labels-form').getByLabel('Tags').focus();
    await whileComposing('Escape');
    await whileComposing('Enter');
    await commit();
    expect(await byId('labels-form').getByLabel('Tags').inputValue()).toBe('日本');
    await page.keyboard.press('Escape');
    await byId('labels-form').waitFor({ state: 'detached' });
    expect(await byId('runs-panel').count()).toBe(1);
    await page.keyboard.press('Escape');

    await page.keyboard.press('Control+k');
    await byId('palette').waitFor();
    await whileComposing('Escape');
    await whileComposing('Enter');
    await commit();
    expect(await byId('palette').getByRole('combobox').inputValue()).toBe('日本');
    await page.keyboard.press('Escape');
    await byId('palette').waitFor({ state: 'detached' });
  });

  it('is a run’s title as it was written, in tags and in the comparison, too', async () => {
    await openRuns();
    expect(await byId('run-row').locator('.run-row__open').textContent()).toBe(TITLE);
    await byId('run-row').getByRole('button', { name: 'Tag' }).click();
    await byId('labels-form').getByLabel('Tags').fill(`a·b ${FAMILY}`);
    await page.keyboard.press('Enter');
    await byId('labels-form').waitFor({ state: 'detached' });
    expect(await byId('run-row').locator('.tag').textContent()).toBe(`a·b ${FAMILY}`);
    await screenshot('odd-titles');
    await byId('run-row').getByRole('checkbox').check();
    await byId('compare-chosen').click();
    await shows(
      async () => (await byId('compare-run-A').locator('option').textContent()) ?? '',
      /· 2·3 👨‍👩‍👧‍👦/u,
    );
    await page.keyboard.press('Escape');
  });

  it('of an answer is there as characters, and only as Markdown as Markdown', async () => {
    const written = '2*3*4 = 24, ~~not~~ `5*6`\n#### 24\n* <b>so</b>';
    const [id = ''] = readdirSync(join(data, 'runs'));
    const lines = readFileSync(join(data, 'runs', id, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const events = lines
      .map((line) => JSON.parse(line) as RunEvent)
      .map((event) => (event.type === 'lane.done' ? { ...event, text: written } : event));
    await openRuns();
    await byId('import-file').setInputFiles({
      name: 'odd.jsonl',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join('')),
    });
    await byId('toast').getByRole('button', { name: 'Open' }).click();
    await byId('stored-banner').waitFor();
    const answer = byId('lane-slot').getByTestId('answer-text');
    await page.getByRole('radio', { name: 'Text', exact: true }).click();
    await expect.poll(() => answer.textContent()).toBe(written);
    await screenshot('answer-as-text');
    await page.getByRole('radio', { name: 'Markdown', exact: true }).click();
    await expect.poll(() => answer.locator('h4').textContent()).toBe('24');
    await screenshot('answer-as-markdown');
    await page.getByRole('radio', { name: 'Tokens', exact: true }).click();
    await page.getByRole('button', { name: 'Back to the last run' }).click();
  });

  it('of the foot is seen beside Copy', async () => {
    const foot = byId('lane-slot').getByTestId('lane-foot');
    await foot.hover();
    const state = await foot.locator('.lane__state').boundingBox();
    const copy = await foot.getByRole('button', { name: /^Copy/ }).boundingBox();
    expect(await foot.locator('.lane__state').evaluate((element) => getComputedStyle(element).opacity)).toBe(
      '1',
    );
    expect(state && copy && state.x + state.width).toBeLessThanOrEqual(copy?.x ?? 0);
    await screenshot('lane-foot');
  });

  it('of a group is read with its flags; an empty group and one of a taken name are told', async () => {
    await byId('group-name').fill('digits');
    await byId('group-words').fill('/^ ?THE$/i');
    await byId('tab-vocabulary').click();
    await shows(() => textOf(byId('groups')), /digits \(own\) \d/);
    await byId('group-name').fill('nobody');
    await byId('group-words').fill('/qqqq/i');
    await shows(() => textOf(byId('empty-group').last()), "nobody: no token of this model's vocabulary.");
    await screenshot('groups-empty');
    await byId('group-name').fill('');
    await byId('group-words').fill('');
  });

  it('of the filter finds a token by its id', async () => {
    const filter = byId('token-search').getByRole('searchbox');
    await page.getByRole('radio', { name: 'Table' }).click();
    await filter.fill('#300');
    await shows(() => textOf(byId('filter-count')), /^1\D/);
    await expect.poll(() => byId('vocabulary-table').getByRole('row').nth(1).innerText()).toMatch(/\b300\b/);
    await screenshot('filter-by-id');
    await filter.fill('');
  });

  it('of a table can be told from its file', async () => {
    const { bytes } = await saved(page, async () => {
      await page.getByRole('button', { name: 'Export Vocabulary' }).click();
      await page.getByRole('menuitem', { name: /^CSV/ }).click();
    });
    const [head, ...rows] = bytes.toString().split('\r\n');
    expect(head).toMatch(/^\uFEFFid,token \(JSON\),/);
    const newline = rows.find((row) => /^\d+,"""\\n""",/.test(row));
    expect(newline).toBeDefined();
  });

  it('of the heads and of the charts is of the same turn', async () => {
    await byId('follow-up').fill('And two more?');
    await runToEnd(page, () => byId('send').click());
    const head = () => textOf(byId('lane-slot').locator('.lane__settings'));
    await shows(head, /turn 2: loss/);
    await page.getByRole('button', { name: 'Show in charts' }).click();
    await shows(head, /turn 1: loss/);
  });

  it('that is hostile is shown as text', async () => {
    const hostile =
      '<img src=x onerror="document.title=1"><script>document.title=2</script> ' +
      '[a](javascript:document.title=3) ![b](http://127.0.0.1:9/x.png) \u202Egnp.exe \u001b[31m';
    await byId('maxNewTokens').fill('60');
    await byId('new-conversation').click();
    await byId('prompt').fill(hostile);
    await runToEnd(page, () => byId('run').click());
    await page.keyboard.press('m');
    await page.keyboard.press('m');
    await byId('lane-slot').locator('.answer-text__block').first().waitFor({ state: 'attached' });
    expect(await page.locator('#root img, #root a[href], #root script').count()).toBe(0);
    expect(await page.title()).toBe('SLOT Studio');
    const said = await textOf(byId('user-turn-1'));
    expect(said).toContain('<img src=x onerror="document.title=1">');
    expect(said).toContain('\\u202Egnp.exe \\x1B[31m');
  });
});
