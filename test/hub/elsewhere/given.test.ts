/** Models of other tools that are given by path or by Ollama's name. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HASH, layer, Tools } from './tools';

const tools = new Tools();

const inspect = (model: string) =>
  tools.engine.query('models.inspect', { model, dtype: null, revision: null, onHub: false });

describe('what is given by path', () => {
  it('says what a file is that is no model', async () => {
    const text = tools.put('notes.txt', 'hello');
    await expect(tools.engine.query('models.addFolder', { folder: text })).rejects.toMatchObject({
      code: 'no-folder',
      message: `${text} is neither a folder nor a GGUF file`,
    });
    const page = tools.put('page.gguf', '<html>');
    await expect(tools.engine.query('models.addFolder', { folder: page })).rejects.toMatchObject({
      code: 'malformed-gguf',
      message: `${page} is no GGUF file: it does not begin as one`,
    });
    await expect(inspect(join(tools.home, 'absent.gguf'))).rejects.toMatchObject({ code: 'no-folder' });
    await expect(inspect('ollama:absent')).rejects.toMatchObject({
      code: 'not-cached',
      hint: 'Get it with: ollama pull absent:latest',
    });
  });

  it('keeps a GGUF file on the list, and takes it off', async () => {
    const path = tools.put('mine/own-Q4_0.gguf', 'GGUF1');
    const { model } = await tools.engine.query('models.addFolder', { folder: path });
    expect(model).toMatchObject({ source: 'folder', name: 'own-Q4_0', model: path, folder: path });
    expect(await tools.entries()).toEqual([model]);
    await tools.engine.query('models.forgetFolder', { folder: path });
    expect(await tools.entries()).toEqual([]);
  });

  it("adds none of Ollama's, which are on the list already", async () => {
    tools.put(`ollama/blobs/sha256-${HASH}`);
    tools.manifest('registry.ollama.ai/library/own/latest', [layer(HASH)]);
    const { model } = await tools.engine.query('models.addFolder', { folder: 'ollama:own' });
    expect(model).toMatchObject({ source: 'ollama', name: 'own:latest' });
    expect((await tools.entries()).map(({ source }) => source)).toEqual(['ollama']);
  });
});
