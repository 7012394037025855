/** What the page hands over as a download. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

export interface Saved {
  readonly name: string;
  readonly bytes: Buffer;
}

export async function saved(page: Page, trigger: () => Promise<void>): Promise<Saved> {
  const [download] = await Promise.all([page.waitForEvent('download'), trigger()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** From the export menu of one chart. */
export function savedChart(page: Page, chart: string, kind: 'CSV' | 'SVG' | 'PNG'): Promise<Saved> {
  return saved(page, async () => {
    await page
      .getByTestId(chart)
      .getByRole('button', { name: /^Export / })
      .click();
    await page.getByRole('menuitem', { name: new RegExp(`^${kind}`) }).click();
  });
}
