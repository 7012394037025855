/** What the pictures show, in the order in which one window can show it. */
import type { Locator } from 'playwright-core';
import { ROOT } from '../../fixtures/browser-shell';
import type { Stage } from './stage';

export interface Scene {
  /** Below docs, without `.png`. */
  readonly picture: string;
  readonly viewport: { readonly width: number; readonly height: number };
  /** @returns the part of the window to take, or nothing for all of it */
  readonly set: (stage: Stage) => Promise<Locator | undefined>;
}

const WIDE = { width: 1680, height: 860 };
const PLAIN = { width: 1280, height: 760 };
const TALL = { width: 1280, height: 1040 };
/** The charts' pane as wide as it is readable. */
const CHARTS = { width: 1680, height: 760 };
const TALL_CHARTS = { width: 1680, height: 1200 };

const PENCILS = 'Mia has 4 boxes with 6 pencils in each box. How many pencils does she have?';
const APPLES = 'Tom has 3 apples and buys 5 more. How many apples does he have?';

const charts = ({ page }: Stage) => page.getByRole('region', { name: 'Charts' });

async function vocabulary(stage: Stage, view: string): Promise<void> {
  await stage.byId('tab-vocabulary').click();
  await stage.page.getByRole('radio', { name: view, exact: true }).click();
}

async function watch(stage: Stage, tokens: readonly string[]): Promise<void> {
  const field = stage.byId('token-search').getByRole('searchbox');
  await field.fill(`/^ (${tokens.join('|')})$/`);
  for (const token of tokens) {
    const name = `Watch ·${token}`;
    await stage.byId('found-tokens').getByRole('button', { name, exact: true }).click();
  }
  await field.fill('');
}

export const SCENES: readonly Scene[] = [
  {
    picture: 'guide/pictures/tour',
    viewport: PLAIN,
    set: async (stage) => {
      await stage.byId('tour-offer').getByText('Show me').click();
      await stage.byId('tour').waitFor();
      for (let i = 0; i < 2; i++) await stage.page.keyboard.press('ArrowRight');
      return undefined;
    },
  },
  {
    picture: 'guide/pictures/first-run',
    viewport: PLAIN,
    set: async (stage) => {
      await stage.page.keyboard.press('Escape');
      await stage.page.getByRole('button', { name: 'Fill in an example' }).click();
      await stage.run(() => stage.byId('run').click());
      return undefined;
    },
  },
  {
    picture: 'guide/pictures/optimisation',
    // Narrower, the charts stand below each other.
    viewport: { width: 1440, height: 720 },
    set: async (stage) => {
      await stage.byId('system').fill('');
      await stage.byId('steps-slot').fill('8');
      await stage.ask(PENCILS);
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/prompt-strip',
    viewport: CHARTS,
    set: async (stage) => {
      await stage.byId('prompt-strip').locator('ol').focus();
      for (let i = 0; i < 12; i++) await stage.page.keyboard.press('ArrowRight');
      return stage.page.getByRole('region', { name: 'Steps and prompt' });
    },
  },
  {
    picture: 'guide/pictures/bars',
    viewport: CHARTS,
    set: async (stage) => {
      await stage.page.keyboard.press('Escape');
      await vocabulary(stage, 'Most moved');
      await stage.byId('metric').selectOption('mass');
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/table',
    viewport: CHARTS,
    set: async (stage) => {
      await vocabulary(stage, 'Table');
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/heatmap',
    viewport: CHARTS,
    set: async (stage) => {
      await vocabulary(stage, 'Most moved');
      await watch(stage, ['pencils', 'think', 'step']);
      await vocabulary(stage, 'Heatmap');
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/spread',
    viewport: CHARTS,
    set: async (stage) => {
      await vocabulary(stage, 'Spread');
      await stage.byId('metric').selectOption('centred');
      return charts(stage);
    },
  },
  {
    picture: 'screenshot',
    viewport: WIDE,
    set: async (stage) => {
      await vocabulary(stage, 'Most moved');
      await stage.byId('metric').selectOption('mass');
      await stage.run(async () => {
        await stage.byId('follow-up').fill('And if she gives away 2 more?');
        await stage.byId('follow-up').press('Enter');
      });
      await stage.page.getByRole('button', { name: 'Show in charts' }).click();
      return undefined;
    },
  },
  {
    picture: 'guide/pictures/divergence',
    viewport: TALL,
    set: async (stage) => {
      await stage.byId('explain-divergence').first().click();
      await stage.byId('divergence-card').waitFor();
      return stage.page.getByRole('dialog');
    },
  },
  {
    picture: 'guide/pictures/token',
    viewport: CHARTS,
    set: async (stage) => {
      await stage.page.keyboard.press('Escape');
      await stage.page.locator('body').click({ position: { x: 2, y: 2 } });
      await stage.page.keyboard.press('d');
      await stage.page.keyboard.press('Enter');
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/groups',
    viewport: CHARTS,
    set: async (stage) => {
      await stage.byId('group-name').fill('fruit');
      await stage.byId('group-words').fill('/^ ?(apple|pear|plum)s?$/');
      await stage.ask(APPLES);
      await vocabulary(stage, 'Most moved');
      return stage.byId('groups');
    },
  },
  {
    picture: 'guide/pictures/scaled',
    viewport: CHARTS,
    set: async (stage) => {
      await stage.byId('scale-delta').fill('-1');
      await stage.byId('scaled-loss').getByText('→').waitFor();
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/lanes',
    viewport: { width: 2200, height: 560 },
    set: async (stage) => {
      await stage.byId('with-controls').check();
      await stage.byId('temperature').first().fill('0.8');
      await stage.page.getByRole('button', { name: 'Dismiss' }).click();
      await stage.ask(PENCILS);
      return stage.page.getByRole('region', { name: 'Answers' });
    },
  },
  {
    picture: 'guide/pictures/compare',
    viewport: PLAIN,
    set: async (stage) => {
      await stage.page.keyboard.press('Control+Shift+o');
      await stage.byId('compare-run-A').selectOption({ index: 1 });
      await stage.byId('compare-run-B').selectOption({ index: 2 });
      await stage.byId('correlation').waitFor();
      return stage.page.getByRole('dialog');
    },
  },
  {
    picture: 'guide/pictures/similarity',
    viewport: PLAIN,
    set: async (stage) => {
      await stage.page.keyboard.press('Escape');
      await stage.byId('runs').click();
      const rows = stage.byId('run-row').getByRole('checkbox');
      for (const row of (await rows.all()).slice(0, 4)) await row.check();
      await stage.byId('similarity-chosen').click();
      await stage.byId('similarity-matrix').waitFor();
      return stage.byId('similarity-matrix');
    },
  },
  {
    picture: 'guide/pictures/samples',
    viewport: TALL_CHARTS,
    set: async (stage) => {
      await stage.page.keyboard.press('Escape');
      await stage.page.keyboard.press('Escape');
      await stage.byId('with-controls').uncheck();
      await stage.page.getByRole('button', { name: 'Dismiss' }).click();
      await stage.byId('temperature').first().fill('1');
      await stage.byId('samples').fill('24');
      await stage.ask(APPLES);
      await stage.byId('tab-samples').click();
      return charts(stage);
    },
  },
  {
    picture: 'guide/pictures/models',
    viewport: PLAIN,
    set: async (stage) => {
      await stage.page.keyboard.press('Control+m');
      await stage.byId('verdict').getByText('Supported').waitFor();
      // Where this checkout lies is nobody's.
      await stage
        .byId('card')
        .getByText(ROOT)
        .evaluate((path, root) => {
          path.textContent = path.textContent.replace(root, '…/');
        }, ROOT);
      return stage.page.getByRole('dialog');
    },
  },
  {
    picture: 'guide/pictures/evaluation',
    viewport: PLAIN,
    set: async (stage) => {
      await stage.page.keyboard.press('Escape');
      await stage.page.keyboard.press('Control+e');
      await stage.byId('evaluation-limit').fill('40');
      await stage.byId('evaluation-steps').fill('1..3');
      await stage.byId('evaluation-title').fill('Forty problems');
      await stage.byId('start-evaluation').click();
      await stage.byId('job-state').getByText('done').waitFor();
      await stage.byId('claims').waitFor();
      return undefined;
    },
  },
];
