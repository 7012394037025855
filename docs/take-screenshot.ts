/** `npm run screenshot`: runs the starter model in a real browser and keeps the README's picture current. */
import { fileURLToPath } from 'node:url';
import { launchChromium, startServer } from '../fixtures/browser-shell';

const server = await startServer();
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1680, height: 860 }, colorScheme: 'light' });
  const byId = (id: string) => page.getByTestId(id);
  const finished = () => byId('status').getByText('Finished').waitFor({ timeout: 60_000 });
  await page.goto(server.url);
  await byId('prompt').fill('Mia has 4 boxes with 6 pencils in each box. How many pencils does she have?');
  await byId('steps-slot').fill('8');
  await byId('tab-vocabulary').click();
  await byId('metric').selectOption('mass');
  await byId('run').click();
  await finished();
  await byId('token-search').getByRole('searchbox').fill('/^ (pencils|think|step)$/');
  for (const token of ['pencils', 'think', 'step'])
    await byId('found-tokens')
      .getByRole('button', { name: `Watch ·${token}`, exact: true })
      .click();
  await byId('token-search').getByRole('searchbox').fill('');
  await byId('follow-up').fill('And if she gives away 2 more?');
  await byId('follow-up').press('Enter');
  await byId('lane-slot').getByTestId('lane-text').nth(1).waitFor();
  await finished();
  await page.getByRole('button', { name: 'Show in charts' }).click();
  // Charts draw their last frame.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: fileURLToPath(new URL('./screenshot.png', import.meta.url)) });
} finally {
  await browser.close();
  await server.stop();
}
