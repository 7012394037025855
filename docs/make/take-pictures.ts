/**
 * `npm run pictures`: plays the scenes with the starter model in a real browser, and takes the pictures of the README and
 * the guide. `npm run pictures -- bars heatmap` keeps those alone; all scenes are played, since each begins where the
 * one before it ended.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENES } from './scenes';
import { Stage } from './stage';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !SCENES.some(({ picture }) => basename(picture) === name));
if (unknown.length > 0) throw new Error(`there is no picture ${unknown.join(', ')}`);

const stage = await Stage.open();
try {
  for (const { picture, viewport, set } of SCENES) {
    await stage.page.setViewportSize(viewport);
    const part = await set(stage);
    if (wanted.length > 0 && !wanted.includes(basename(picture))) continue;
    await stage.settle();
    const path = fileURLToPath(new URL(`../${picture}.png`, import.meta.url));
    await (part ?? stage.page).screenshot({ path });
    console.log(path);
  }
} finally {
  await stage.close();
}
