/** `npm run screenshot`: runs the starter model in a real browser and keeps the README's picture current. */
import { fileURLToPath } from 'node:url';
import { launchChromium, startServer } from '../test/e2e/browser-shell';

const server = await startServer();
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 }, colorScheme: 'light' });
  await page.goto(server.url);
  await page.getByTestId('examples').click();
  await page.getByRole('menuitem', { name: /think and answer/ }).click();
  await page.getByTestId('tab-vocabulary').click();
  await page.getByTestId('run').click();
  await page.getByTestId('status').getByText('Finished').waitFor({ timeout: 60_000 });
  // Charts draw their last frame.
  await page.waitForTimeout(1000);
  await page.screenshot({ path: fileURLToPath(new URL('./screenshot.png', import.meta.url)) });
} finally {
  await browser.close();
  await server.stop();
}
