/** Template variables in a real browser: offered by name, sent with the run, seen beside its prompt, cleared and undone. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { RunEvent } from '../../engine/protocol';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const TEMPLATE =
  '{% for m in messages %}{{ m.content }}{% endfor %}' +
  '{% if enable_thinking is defined and enable_thinking == false %} briefly{% endif %}' +
  '{% if tone %} {{ tone }}{% endif %}';
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of template variables are skipped: ${skip}.`);

describe.skipIf(skip !== null)('template variables', () => {
  const data = mkdtempSync(join(tmpdir(), 'slot-studio-template-'));
  let window: OpenWindow;

  beforeAll(async () => {
    const folder = join(data, 'thinker');
    cpSync(STARTER_FOLDER, folder, { recursive: true });
    writeFileSync(join(folder, 'chat_template.jinja'), TEMPLATE);
    window = await openWindow({ dataFolder: join(data, 'kept') });
    const { byId, page } = window;
    await byId('model').click();
    await byId('model-folder').fill(folder);
    await page.keyboard.press('Enter');
    await byId('model').getByText('thinker').waitFor();
    await page.keyboard.press('Escape');
  });

  afterAll(async () => {
    await window?.close();
    rmSync(data, { recursive: true, force: true });
  });

  it('are those that the open model reads, and are seen beside the prompt they made', async () => {
    const { byId, page } = window;
    await page.getByLabel('enable_thinking').selectOption('false');
    await page.getByLabel('tone', { exact: true }).fill('please');
    await byId('prompt').fill('Two and two?');
    await runToEnd(page, () => byId('run').click());
    const strip = await byId('prompt-strip').innerText();
    expect(strip).toContain('enable_thinking=false, tone=please');
    const runs = join(data, 'kept', 'runs');
    const [events] = readFileSync(join(runs, readdirSync(runs)[0]!, 'events.jsonl'), 'utf8').split('\n');
    expect(RunEvent.parse(JSON.parse(events!))).toMatchObject({
      prompt: { text: 'Two and two? briefly please' },
      config: { template: { variables: { enable_thinking: false, tone: 'please' }, date: null } },
    });
    await byId('template-settings').scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(ARTEFACTS, 'template-light.png') });
  });

  it('refuse what would be read otherwise, and run again once it is right', async () => {
    const { byId, page } = window;
    await page.getByRole('button', { name: '+ Variable' }).click();
    await byId('variable-name').fill('mode');
    await byId('variable-value').fill('False');
    expect(await byId('template-settings').getByRole('alert').innerText()).toContain('write false');
    await page.screenshot({ path: join(ARTEFACTS, 'template-problem-light.png') });
    await page.getByRole('button', { name: 'Remove mode' }).click();
    await expect.poll(() => byId('template-settings').getByRole('alert').count()).toBe(0);
  });

  it('are cleared at once, and undone', async () => {
    const { byId, page } = window;
    await byId('template-settings').getByRole('button', { name: 'Clear' }).click();
    expect(await page.getByLabel('tone', { exact: true }).inputValue()).toBe('');
    await page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    expect(await page.getByLabel('tone', { exact: true }).inputValue()).toBe('please');
    expect(window.complaints).toEqual([]);
  });
});
