/** From a token's arrival in the window to the frame that shows it, and what the window works for each token. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CDPSession } from 'playwright-core';
import { RENDERER_ROOT } from '../../engine/serve/server';
import { launchChromium, reasonToSkip } from '../../fixtures/browser-shell';
import { figure, type Row } from '../report';
import { PROMPT, withReplay } from './replay';

export const WINDOW = "processor time of the page's main thread for each token";

/** Plain JavaScript: what runs in the page must not be rewritten on its way there. */
const WATCH = fileURLToPath(new URL('./watch-tokens.js', import.meta.url));
/** About as a model of half a billion parameters writes. */
const PACE_MS = 80;

/** Milliseconds of the page's clock. */
interface Watch {
  arrived: number[];
  shown: number[];
}

export async function benchScreen(tokens: number): Promise<Row[]> {
  const reason = reasonToSkip();
  if (reason !== null) throw new Error(reason);
  if (!existsSync(RENDERER_ROOT)) throw new Error('the window has not been built yet: npm run build');
  return withReplay({ tokens, pace: PACE_MS, root: RENDERER_ROOT }, async ({ url }) => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, bypassCSP: true });
      await page.addInitScript({ path: WATCH });
      await page.goto(url);
      await page.getByTestId('prompt').fill(PROMPT);
      await page.getByTestId('run').click();
      await page.evaluate('tokenWatch.until(1)');
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable', { timeDomain: 'threadTicks' });
      const before = await taskMs(session);
      const first = await page.evaluate<number>('tokenWatch.arrived.length');
      await page.evaluate(`tokenWatch.until(${tokens})`);
      const work = ((await taskMs(session)) - before) / (tokens - first);
      const { arrived, shown } = await page.evaluate<Watch>('tokenWatch');
      const latency = shown.map((time, i) => time - arrived[i]!);
      return [
        { what: "from a token's message to the frame with it", figure: figure('ms', latency), measured: {} },
        { what: WINDOW, figure: figure('ms', [work]), measured: {} },
      ];
    } finally {
      await browser.close();
    }
  });
}

async function taskMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}
