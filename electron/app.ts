/** Ties the desktop shell together: one instance, one window, one engine process. */
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  crashReporter,
  dialog,
  type OpenDialogOptions,
  session,
} from 'electron';
import type { EngineEntry } from '../engine/process/launch';
import { registerScheme, serveWindow } from './app-protocol';
import { answerChannels } from './channels';
import { CrashWatch } from './crash-watch';
import { diagnosticsOf } from './diagnostics';
import { EngineLife } from './engine-life';
import { filesAmong, filesHanded, orderFor } from './handed-files';
import { watchHangs } from './hang-watch';
import { Incidents } from './incidents';
import { denyPermissions, lockContents } from './lockdown';
import { installMenu } from './menu';
import { Orders } from './orders';
import { ServerKeyring } from './server-keys';
import { openWindow } from './window';

interface AppPaths {
  engine: EngineEntry;
  /** Rejects where the engine's files are not what they should be: then nothing starts. */
  checkEngine(): Promise<void>;
  preload: string;
  /** Folder of the built window. */
  root: string;
}

/**
 * Resolves to false where another instance runs already: it is brought to the front, is handed this one's files, and
 * this one quits.
 * Rejects where the engine's files are damaged.
 */
export async function startApp({ engine: entry, checkEngine, preload, root }: AppPaths): Promise<boolean> {
  const files = filesAmong(process.argv.slice(1), process.cwd());
  if (!app.requestSingleInstanceLock({ files })) {
    app.quit();
    return false;
  }
  registerScheme();
  const keyring = new ServerKeyring(join(app.getPath('userData'), 'server-keys.json'));
  const engine = new EngineLife(entry, () => keyring.all());
  const incidents = new Incidents(join(app.getPath('userData'), 'incidents.json'));
  const open = () => {
    const window = openWindow({ preload, stateFile: join(app.getPath('userData'), 'window.json') });
    watchHangs(window, (text) => incidents.note(text));
  };

  app.on('web-contents-created', (_event, contents) => lockContents(contents));
  app.on('child-process-gone', (_event, details) => engine.noteGone(details));
  watchCrashes(incidents);
  const orders = new Orders();
  // macOS hands files over before there can be a window.
  let isOpen = false;
  takeFiles(files, orders, () => {
    if (isOpen) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  quitAfter(() => engine.stop());

  await Promise.all([app.whenReady(), checkEngine()]);
  denyPermissions(session.defaultSession);
  serveWindow(root);
  answerChannels({
    'engine.connect': (_, { sender }) => engine.connect(sender),
    'engine.restart': () => engine.restart(),
    'model.choose': (kind, { sender }) => chooseModel(kind, BrowserWindow.fromWebContents(sender)),
    'server.keepKey': ({ address, key }) => keyring.keep(address, key),
    'orders.take': () => orders.take(),
    'clipboard.write': (text) => clipboard.writeText(text),
    'diagnostics.read': () => diagnosticsOf(incidents),
  });
  installMenu({
    restartEngine: () => void engine.restart(),
    show: (dialog) => orders.give({ kind: 'show', dialog }),
  });
  open();
  isOpen = true;
  return true;
}

/** What crashes is taken down on this machine, and the window comes back as long as that helps. */
function watchCrashes(incidents: Incidents): void {
  // Crashpad's dumps stay in their folder: there is nowhere to send them to.
  crashReporter.start({ uploadToServer: false });
  process.on('uncaughtExceptionMonitor', ({ stack, message }) =>
    incidents.note(`The main process: ${stack ?? message}`),
  );
  const crashes = new CrashWatch({
    forget: () => session.defaultSession.clearStorageData({ storages: ['localstorage'] }),
    quit: () => app.quit(),
    note: (text) => incidents.note(text),
  });
  app.on('render-process-gone', (_event, contents, { reason }) => void crashes.gone(contents, reason));
}

/** Files that this start was given, and those that the system hands over later, which brings the window to the front. */
function takeFiles(files: readonly string[], orders: Orders, reopen: () => void): void {
  const take = async (more: readonly string[]) => {
    for (const file of more) orders.give(await orderFor(file));
  };
  const show = () => {
    const [window] = BrowserWindow.getAllWindows();
    // On macOS the app outlives its windows.
    if (window === undefined) return reopen();
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  void take(files);
  app.on('second-instance', (_event, _argv, _folder, data) => {
    show();
    void take(filesHanded(data));
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    show();
    void take(filesAmong([file], '/'));
  });
}

/** Delays quitting until `stop` has ended, which takes a bounded time. */
function quitAfter(stop: () => Promise<void>): void {
  let hasStopped = false;
  app.on('will-quit', (event) => {
    if (hasStopped) return;
    event.preventDefault();
    void stop().finally(() => {
      hasStopped = true;
      app.quit();
    });
  });
}

const MODEL_DIALOGS: Readonly<Record<'folder' | 'file', OpenDialogOptions>> = {
  folder: { title: 'Open a model folder', buttonLabel: 'Open', properties: ['openDirectory'] },
  file: {
    title: 'Open a GGUF file',
    buttonLabel: 'Open',
    properties: ['openFile'],
    // Ollama's files have no ending.
    filters: [
      { name: 'GGUF files', extensions: ['gguf'] },
      { name: 'All files', extensions: ['*'] },
    ],
  },
};

async function chooseModel(kind: 'folder' | 'file', window: BrowserWindow | null): Promise<string | null> {
  const options = MODEL_DIALOGS[kind];
  const chosen =
    window === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(window, options);
  return chosen.canceled ? null : (chosen.filePaths[0] ?? null);
}
