/** What the pictures of a model on a server show: its card, that the model is open on it, and lanes that it answers. */
import { dirname } from 'node:path';
import type { Scene } from './scenes';

const CARD = 'guide/pictures/server';
const CHAT = 'guide/pictures/server-chat';
export const SERVER_PICTURES = [CARD, CHAT];

/** @param address of llama.cpp's server @param gguf the file that it runs */
export function serverScenes(address: string, gguf: string): readonly Scene[] {
  return [
    {
      picture: CARD,
      viewport: { width: 1280, height: 760 },
      set: async (stage) => {
        const { page } = stage;
        const byId = (id: string) => stage.byId(id);
        await page.keyboard.press('Control+m');
        await byId('add-server').click();
        await page.getByLabel('Address').fill(address);
        await page.getByLabel('The model that it runs, on this machine').fill(gguf);
        await byId('server-form').getByRole('button', { name: 'Add' }).click();
        const row = byId('server-row');
        await row.getByTestId('server-facts').waitFor();
        await row.getByRole('button', { name: /^Open/ }).click();
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
        await page.keyboard.press('Control+m');
        await row.getByText('open', { exact: true }).waitFor();
        // Where the file lies is nobody's.
        await row.getByText(gguf).evaluateAll((texts, folder) => {
          for (const text of texts) text.textContent = text.textContent.replace(folder, '…');
        }, dirname(gguf));
        return byId('servers');
      },
    },
    {
      picture: CHAT,
      viewport: { width: 1280, height: 760 },
      set: async (stage) => {
        await stage.page.keyboard.press('Escape');
        await stage.byId('prompt').fill('What is the capital of France, and which river flows through it?');
        await stage.byId('maxNewTokens').fill('48');
        await stage.run(() => stage.byId('run').click());
        return undefined;
      },
    },
  ];
}
