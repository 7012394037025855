/**
 * `npm run pictures`: plays the scenes with the starter model in a real browser, and takes the pictures of the README and
 * the guide. `npm run pictures -- bars heatmap` keeps those alone; all scenes of a window are played, since each begins
 * where the one before it ended. Those of a server need one (`fixtures/llama-server.ts`), and stay as they are without.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HAS_LLAMA, Llama, NO_LLAMA } from '../../fixtures/llama-server';
import { SCENES, type Scene } from './scenes';
import { SERVER_PICTURES, serverScenes } from './server-scenes';
import { Stage } from './stage';

const wanted = process.argv.slice(2);
const ofStarter = SCENES.map(({ picture }) => picture);
const known = [...ofStarter, ...SERVER_PICTURES].map((picture) => basename(picture));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`there is no picture ${unknown.join(', ')}`);

const isWanted = (picture: string) => wanted.length === 0 || wanted.includes(basename(picture));

if (ofStarter.some(isWanted)) await play(SCENES);
if (SERVER_PICTURES.some(isWanted)) await playOnServer(process.env.SLOT_STUDIO_GGUF);

async function playOnServer(gguf: string | undefined): Promise<void> {
  if (!gguf || !HAS_LLAMA) {
    const reason = gguf ? NO_LLAMA : 'SLOT_STUDIO_GGUF names no file for llama.cpp’s server';
    console.log(`${SERVER_PICTURES.join(', ')} stay as they are: ${reason}`);
    return;
  }
  const llama = await Llama.start(gguf, { n_ctx: 4096, n_parallel: 2, n_ubatch: 2048 });
  try {
    await play(serverScenes(llama.address, gguf));
  } finally {
    await llama.kill();
  }
}

async function play(scenes: readonly Scene[]): Promise<void> {
  const stage = await Stage.open();
  try {
    for (const { picture, viewport, set } of scenes) {
      await stage.page.setViewportSize(viewport);
      const part = await set(stage);
      if (!isWanted(picture)) continue;
      await stage.settle();
      const path = fileURLToPath(new URL(`../${picture}.png`, import.meta.url));
      await (part ?? stage.page).screenshot({ path });
      console.log(path);
    }
  } finally {
    await stage.close();
  }
}
