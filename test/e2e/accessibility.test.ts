/** No serious or critical finding of axe in the main views and what opens over them, in both themes. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { launchChromium, reasonToSkip, type Server, startServer } from '../../fixtures/browser-shell';
import { expectEdges, expectNothingSerious } from './axe';

/** One on which the two lanes part. */
const PROMPT =
  'Mia has 4 boxes with 6 pencils in each box. She gives 5 pencils to her brother. How many are left?';

const skip = reasonToSkip();
if (skip !== null) console.warn(`accessibility tests skipped: ${skip}`);

describe.skipIf(skip !== null)('axe finds nothing serious', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it.each(['light', 'dark'] as const)('in the %s theme', async (colorScheme) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
    await page.goto(server.url);
    await expectNothingSerious(page, 'empty window');
    await expectEdges(page, 'empty window');

    await page.getByTestId('prompt').fill(PROMPT);
    await page.getByTestId('run').click();
    await page.getByTestId('status').getByText('Finished').waitFor();
    await expectNothingSerious(page, 'optimisation');
    for (const tab of ['Vocabulary', 'Token']) {
      await page.getByRole('tab', { name: tab }).click();
      await expectNothingSerious(page, tab);
      await expectEdges(page, tab);
    }
    const openers: readonly [view: string, open: () => Promise<void>, opened: Locator][] = [
      ['runs', () => page.keyboard.press('Control+o'), page.getByRole('dialog')],
      ['comparison', () => page.getByTestId('compare').click(), page.getByTestId('compare-view')],
      ['palette', () => page.keyboard.press('Control+k'), page.getByTestId('palette')],
      ['model', () => page.getByTestId('model').click(), page.getByRole('dialog')],
      ['export menu', () => page.getByTestId('export').click(), page.getByRole('menu')],
      [
        'lane menu',
        () => page.getByTestId('lane-slot').getByRole('button', { name: /more$/ }).click(),
        page.getByRole('menu'),
      ],
      [
        'divergence card',
        () => page.getByTestId('explain-divergence').first().click(),
        page.getByTestId('divergence-card'),
      ],
    ];
    for (const [view, open, opened] of openers) {
      await open();
      await opened.waitFor();
      await expectNothingSerious(page, view);
      await expectEdges(page, view);
      await page.keyboard.press('Escape');
      await opened.waitFor({ state: 'detached' });
    }
    await page.keyboard.press('Control+m');
    await page.getByTestId('verdict').waitFor();
    await expectNothingSerious(page, 'models');
    await expectEdges(page, 'models');
    await page.getByRole('tab', { name: 'Hugging Face hub' }).click();
    await expectNothingSerious(page, 'hub');
    await page.close();
  });
});
