/** The desktop shell around the engine: its window, its scheme, and what the page may not do. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp } from '../../electron/app';
import { CrashWatch } from '../../electron/crash-watch';
import { readWindowState } from '../../electron/window-state';
import { SCRIPTED } from '../process/support';
import { StandInWindow } from './stand-in/browser-window';
import { world } from './stand-in/world';
import { checkEngine, startDesktop, window } from './support';

let end: () => Promise<void>;
beforeAll(async () => {
  end = await startDesktop((userData) => {
    const bounds = { x: 5000, y: 5000, width: 900, height: 700 };
    writeFileSync(join(userData, 'window.json'), JSON.stringify({ bounds, maximized: false }));
  });
});
afterAll(() => end());

describe('the window', () => {
  it('is a sandbox without Node', () => {
    expect(window().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(window().calls).toContain('show');
  });

  it('comes back onto the screen', () => {
    expect(window().options).toMatchObject({ x: 510, y: 170, width: 900, height: 700 });
  });

  it('is brought to the front when the app is started again', () => {
    window().minimized = true;
    world.app.emit('second-instance', {});
    expect(window().minimized).toBe(false);
    expect(window().calls.at(-1)).toBe('focus');
  });

  it('loads again when its process dies, and asks when it dies again and again', async () => {
    const { webContents } = window();
    const crash = (reason: string) => world.app.emit('render-process-gone', {}, webContents, { reason });
    crash('clean-exit');
    for (let i = 0; i < 3; i++) crash('crashed');
    expect(webContents.reloads).toBe(3);
    world.messageChoice = 'Forget Layout and Drafts';
    crash('oom');
    await expect.poll(() => webContents.reloads).toBe(4);
    expect(world.messageBoxes).toEqual([
      expect.objectContaining({
        message: 'The window keeps crashing.',
        detail: expect.stringContaining('(oom)'),
      }),
    ]);
    expect(world.cleared).toEqual(['localstorage']);
    // The user's choice begins a new count.
    crash('crashed');
    expect(webContents.reloads).toBe(5);
  });

  it('that dies now and then is loaded again each time', async () => {
    let now = 0;
    const watch = new CrashWatch({ forget: async () => {}, quit: () => {}, note: () => {} }, () => now);
    const contents = { isDestroyed: () => false, reload: vi.fn() };
    for (; now < 100 * 30_000; now += 30_000) await watch.gone(contents as never, 'crashed');
    expect(contents.reload).toHaveBeenCalledTimes(100);
  });

  it('can be given up by the user', async () => {
    const quit = vi.fn();
    const watch = new CrashWatch({ forget: async () => {}, quit, note: () => {} }, () => 0);
    const contents = { isDestroyed: () => false, reload: vi.fn() };
    world.messageChoice = 'Quit';
    for (let i = 0; i < 4; i++) await watch.gone(contents as never, 'crashed');
    expect(quit).toHaveBeenCalledOnce();
    expect(contents.reload).toHaveBeenCalledTimes(3);
  });

  it('is not opened a second time by another instance', async () => {
    world.isOnlyInstance = false;
    expect(await startApp({ engine: SCRIPTED, checkEngine, preload: '', root: '' })).toBe(false);
    world.isOnlyInstance = true;
    expect(world.hasQuit).toBe(true);
    expect(StandInWindow.all).toHaveLength(1);
  });
});

describe('app://', () => {
  const get = (url: string, init?: RequestInit) => world.protocols.get('app')!(new Request(url, init));

  it('is a standard, secure scheme without further powers', () => {
    expect(world.schemes[0]).toEqual({
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    });
  });

  it('serves the page under a policy', async () => {
    const response = await get('app://slot-studio/');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('SLOT Studio');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it.each([
    ['app://slot-studio/assets/index-abc123.js', 200],
    ['app://slot-studio/../secret.txt', 404],
    ['app://slot-studio/%2e%2e/secret.txt', 404],
    ['app://slot-studio/..%2fsecret.txt', 404],
    ['app://slot-studio/..%5csecret.txt', 404],
    ['app://slot-studio/link.txt', 404],
    ['app://slot-studio/.hidden.txt', 404],
    ['app://other/index.html', 403],
    ['app://slot-studio.evil.example/', 403],
    ['app://x@slot-studio/', 403],
  ])('answers %s with %i and a policy', async (url, status) => {
    // Credentials in a URL cannot be put into a Request; Electron hands over what the page asked for.
    const response = await world.protocols.get('app')!({ url, method: 'GET' } as Request);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).not.toContain('SECRET');
  });

  it('is read only', async () => {
    expect((await get('app://slot-studio/', { method: 'POST' })).status).toBe(405);
  });
});

describe('the page stays what it is', () => {
  const emit = (name: string, url: string, isMainFrame = true) => {
    const preventDefault = vi.fn();
    window().webContents.emit(name, { url, isMainFrame, preventDefault });
    return preventDefault.mock.calls.length > 0;
  };

  it('may reload and nothing else', () => {
    expect(emit('will-navigate', 'app://slot-studio/')).toBe(false);
    expect(emit('will-navigate', 'app://slot-studio/#top')).toBe(false);
    for (const url of [
      'app://slot-studio/icon.svg',
      'app://other/',
      'file:///etc/passwd',
      'https://evil.example/',
      'javascript:1',
    ]) {
      expect(emit('will-navigate', url), url).toBe(true);
    }
    expect(emit('will-frame-navigate', 'app://slot-studio/', false)).toBe(true);
    expect(emit('will-redirect', 'app://slot-studio/')).toBe(true);
    expect(emit('will-attach-webview', '')).toBe(true);
  });

  it('opens no windows, and outside only https links that are known', () => {
    world.openedOutside.length = 0;
    const open = (url: string) => window().webContents.openHandler!({ url } as Electron.HandlerDetails);
    for (const url of [
      'https://arxiv.org/abs/2505.12392',
      'http://arxiv.org/',
      'https://arxiv.org.evil.example/',
      'https://user@arxiv.org/',
      'https://evil.example/?arxiv.org',
      'file:///etc/passwd',
      'smb://github.com/',
      'not a url',
    ]) {
      expect(open(url)).toEqual({ action: 'deny' });
    }
    emit('will-navigate', 'https://github.com/microsoft/onnxruntime');
    expect(world.openedOutside).toEqual([
      'https://arxiv.org/abs/2505.12392',
      'https://github.com/microsoft/onnxruntime',
    ]);
  });

  it('gets no permissions', () => {
    const answers: boolean[] = [];
    world.permissionRequest!(undefined as never, 'media', (granted) => answers.push(granted), {} as never);
    expect(answers).toEqual([false]);
    expect(world.permissionCheck!(null, 'clipboard-read', 'app://slot-studio', {} as never)).toBe(false);
    expect(world.devicePermission!({} as never)).toBe(false);
  });
});

describe('closing', () => {
  it('remembers where the window was, and quits; no engine was ever started', async () => {
    world.hasQuit = false;
    window().maximize();
    window().close();
    expect(readWindowState(join(world.userData, 'window.json'))).toEqual({
      bounds: { x: 510, y: 170, width: 900, height: 700 },
      maximized: true,
    });
    // Once the engine, if there were one, had left.
    expect(world.hasQuit).toBe(false);
    await vi.waitFor(() => expect(world.hasQuit).toBe(process.platform !== 'darwin'));
    expect(world.utilityProcesses).toEqual([]);
  });

  it('leaves an app that another start, or a maximised window’s next one, opens again', async () => {
    const stateFile = join(world.userData, 'window.json');
    world.app.emit('second-instance', {});
    expect(StandInWindow.all).toHaveLength(1);
    const { calls, maximized } = window();
    // Nothing is shown before there is something to see.
    expect({ calls, maximized }).toEqual({ calls: [], maximized: false });
    await vi.waitFor(() => expect(window().maximized).toBe(true));
    window().close();
    expect(readWindowState(stateFile)?.maximized).toBe(true);
  });
});
