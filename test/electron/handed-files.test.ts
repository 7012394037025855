/** Files that the system hands to the desktop shell reach its page: from the command line, a second start, macOS. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { filesAmong, filesHanded, orderFor } from '../../electron/handed-files';
import { MAX_IMPORT_BYTES, type Order } from '../../engine/protocol';
import { world } from './stand-in/world';
import { bridge, page, startDesktop, window } from './support';

const folder = mkdtempSync(join(tmpdir(), 'slot-handed-'));
const model = join(folder, 'model.gguf');
const run = join(folder, 'run.jsonl');
writeFileSync(run, '{"type":"run.started"}\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is handed over', () => {
  it.skipIf(process.platform === 'win32')('is what can be opened, from where the start was', () => {
    const args = ['/opt/app', '--flag=a.gguf', '.', 'a.gguf', 'b/c.JSONL', '/d/e.gguf', 'f.txt'];
    expect(filesAmong(args, '/home/me')).toEqual(['/home/me/a.gguf', '/home/me/b/c.JSONL', '/d/e.gguf']);
    expect(filesHanded({ files: ['/a.gguf', '/b.exe'] })).toEqual(['/a.gguf']);
    expect(filesHanded({ files: [7] })).toEqual([]);
    expect(filesHanded(null)).toEqual([]);
  });

  it('is read where it is an export, and left where it lies where it is a model', async () => {
    expect(await orderFor(model)).toEqual({ kind: 'add-model', path: model });
    expect(await orderFor(run)).toEqual({
      kind: 'import',
      name: 'run.jsonl',
      bytes: new Uint8Array(Buffer.from('{"type":"run.started"}\n')),
    });
  });

  it('is refused in words where it cannot be read', async () => {
    const large = join(folder, 'large.jsonl');
    writeFileSync(large, '');
    truncateSync(large, MAX_IMPORT_BYTES + 2 ** 20);
    const inner = join(folder, 'inner.jsonl');
    mkdirSync(inner);
    const said = async (file: string) => ((await orderFor(file)) as { message: string }).message;
    expect(await said(large)).toBe('large.jsonl has 41 MiB; one of at most 40 MiB can be imported');
    expect(await said(inner)).toBe('inner.jsonl is no file');
    expect(await said(join(folder, 'gone.jsonl'))).toBe('gone.jsonl: there is no such file');
  });
});

describe('the app', () => {
  let stop: () => Promise<void>;
  const argv = process.argv;
  beforeAll(async () => {
    process.argv = [...argv.slice(0, 2), run];
    stop = await startDesktop();
  });
  afterAll(async () => {
    process.argv = argv;
    await stop();
  });

  /** What the page is given, once it is told that there is something. */
  async function given(hand: () => void): Promise<Order[]> {
    const told = new Promise<void>((resolve) => {
      page().window.addEventListener('message', ({ data }) => {
        if (data.type === 'slot-studio:orders-waiting') resolve();
      });
    });
    hand();
    await told;
    return (await bridge().takeOrders()) as Order[];
  }

  it('gives its page the file that it was started with, once', async () => {
    expect(world.lockData).toEqual({ files: [run] });
    expect(await bridge().takeOrders()).toMatchObject([{ kind: 'import', name: 'run.jsonl' }]);
    expect(await bridge().takeOrders()).toEqual([]);
  });

  it('takes the file of a second start, and comes to the front', async () => {
    const before = window().calls.filter((call) => call === 'focus').length;
    const orders = await given(() => world.app.emit('second-instance', {}, [], '/', { files: [model] }));
    expect(orders).toEqual([{ kind: 'add-model', path: model }]);
    expect(window().calls.filter((call) => call === 'focus')).toHaveLength(before + 1);
  });

  it('takes the file that macOS opens it with', async () => {
    const preventDefault = vi.fn();
    const orders = await given(() => world.app.emit('open-file', { preventDefault }, model));
    expect(orders).toEqual([{ kind: 'add-model', path: model }]);
    expect(preventDefault).toHaveBeenCalledOnce();
  });

  it('shows diagnostics and notices from its help menu', async () => {
    const help = world.menu.find(({ role }) => role === 'help')!;
    for (const { click } of help.submenu as Electron.MenuItemConstructorOptions[]) (click as () => void)();
    expect(await bridge().takeOrders()).toEqual([
      { kind: 'show', dialog: 'diagnostics' },
      { kind: 'show', dialog: 'notices' },
    ]);
  });
});
