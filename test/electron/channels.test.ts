/** The channels between page and desktop shell: who may use them, for what, and what they do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { world } from './stand-in/world';
import { bridge, page, startDesktop } from './support';

let end: () => Promise<void>;
beforeAll(async () => {
  end = await startDesktop();
});
afterAll(() => end());

describe('channels', () => {
  it.each([
    ['another origin', { url: 'https://evil.example/', parent: null }],
    ['another host', { url: 'app://other/', parent: null }],
    ['a file', { url: 'file:///index.html', parent: null }],
    ['a frame in the page', { url: 'app://slot-studio/', parent: {} as Electron.WebFrameMain }],
    ['an address that is none', { url: '', parent: null }],
    ['a frame that is gone', null],
  ])('refuse %s', async (_, frame) => {
    for (const channel of world.handlers.keys()) {
      await expect(page().invoke(channel, [], frame)).rejects.toThrow('refused: not the window');
    }
    expect(world.dialogs).toEqual([]);
  });

  it('refuse what does not fit', async () => {
    const own = { url: 'app://slot-studio/', parent: null };
    await expect(page().invoke('clipboard.write', [{ text: 'x' }], own)).rejects.toThrow(
      'refused: not a request',
    );
    await expect(page().invoke('engine.restart', ['now'], own)).rejects.toThrow('refused: not a request');
    await expect(page().invoke('shell.exec', [], own)).rejects.toThrow('No handler');
  });

  it('let the user choose a folder, a GGUF file, or none', async () => {
    expect(await bridge().chooseModel('folder')).toBeNull();
    world.choice = { canceled: false, filePaths: ['/models/one'] };
    expect(await bridge().chooseModel('folder')).toBe('/models/one');
    expect(world.dialogs.at(-1)).toMatchObject({ properties: ['openDirectory'] });
    world.choice = { canceled: false, filePaths: ['/models/one.gguf'] };
    expect(await bridge().chooseModel('file')).toBe('/models/one.gguf');
    expect(world.dialogs.at(-1)).toMatchObject({
      properties: ['openFile'],
      filters: [{ extensions: ['gguf'] }, { extensions: ['*'] }],
    });
  });

  it('tell where a dropped folder lies', () => {
    const dropped = new File([], 'model');
    world.paths.set(dropped, '/models/dropped');
    expect(bridge().pathOf(dropped)).toBe('/models/dropped');
  });

  it('copy text', async () => {
    await bridge().copyText('delta');
    expect(world.clipboard).toBe('delta');
  });

  it('keep the key of a server encrypted, for its address alone', async () => {
    expect(await bridge().keepServerKey('http://127.0.0.1:8080', 'secret')).toBe(true);
    expect(readFileSync(join(world.userData, 'server-keys.json'), 'utf8')).not.toContain('secret');
    await expect(bridge().keepServerKey('http://user@127.0.0.1', 'secret')).rejects.toThrow('refused');
  });

  it('are all that the page sees of the desktop', () => {
    expect(bridge()).toMatchObject({ shell: 'electron', platform: process.platform });
    expect(Object.keys(bridge()).sort()).toEqual([
      'chooseModel',
      'copyText',
      'keepServerKey',
      'pathOf',
      'platform',
      'readDiagnostics',
      'restartEngine',
      'shell',
      'takeOrders',
    ]);
  });
});
