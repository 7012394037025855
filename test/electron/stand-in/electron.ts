/**
 * Takes the place of the `electron` module in tests, on machines that cannot run Electron: child processes and
 * message ports are real, windows are not. Each part is held to the real package's types.
 */
import { join } from 'node:path';
import { world } from './world';

export { StandInWindow as BrowserWindow } from './browser-window';
export { StandInChannel as MessageChannelMain } from './ports';
export { utilityProcess } from './utility-process';

type AppMethods = 'requestSingleInstanceLock' | 'quit' | 'exit' | 'getPath' | 'whenReady';

export const app = Object.assign(world.app, {
  requestSingleInstanceLock: (data) => {
    world.lockData = data;
    return world.isOnlyInstance;
  },
  quit: () => {
    let isHeldBack = false;
    const event = {
      preventDefault: () => {
        isHeldBack = true;
      },
    };
    // A second instance is another process: the first one hears nothing of its end.
    if (world.isOnlyInstance) world.app.emit('will-quit', event);
    world.hasQuit ||= !isHeldBack;
  },
  exit: () => {
    world.hasQuit = true;
  },
  getPath: (name) => (name === 'crashDumps' ? join(world.userData, 'Crashpad') : world.userData),
  whenReady: () => world.ready,
} satisfies Pick<Electron.App, AppMethods>);

export const crashReporter = {
  start: (options) => {
    world.crashReporter = options;
  },
} satisfies Pick<Electron.CrashReporter, 'start'>;

export const protocol = {
  registerSchemesAsPrivileged: (schemes) => {
    world.schemes.push(...schemes);
  },
  handle: (scheme, handler) => {
    world.protocols.set(scheme, handler);
  },
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;

export const ipcMain = {
  handle: (channel, listener) => {
    if (world.handlers.has(channel)) throw new Error(`second handler for '${channel}'`);
    world.handlers.set(channel, listener);
  },
} satisfies Pick<Electron.IpcMain, 'handle'>;

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler) => {
      world.permissionRequest = handler;
    },
    setPermissionCheckHandler: (handler) => {
      world.permissionCheck = handler;
    },
    setDevicePermissionHandler: (handler) => {
      world.devicePermission = handler;
    },
    clearStorageData: async (options) => {
      world.cleared.push(...(options?.storages ?? []));
    },
  } satisfies Pick<
    Electron.Session,
    | 'setPermissionRequestHandler'
    | 'setPermissionCheckHandler'
    | 'setDevicePermissionHandler'
    | 'clearStorageData'
  >,
};

export const shell = {
  openExternal: async (url) => {
    world.openedOutside.push(url);
  },
} satisfies Pick<Electron.Shell, 'openExternal'>;

export const clipboard = {
  writeText: async (text) => {
    world.clipboard = text;
  },
} satisfies Pick<Electron.Clipboard, 'writeText'>;

export const safeStorage = {
  isEncryptionAvailable: () => world.hasKeychain,
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptString: (text) => Buffer.from(`locked ${Buffer.from(text).toString('hex')}`),
  decryptString: (locked) => {
    const [, hex] = /^locked (.*)$/.exec(locked.toString()) ?? [];
    if (hex === undefined) throw new Error('not of this keychain');
    return Buffer.from(hex, 'hex').toString();
  },
} satisfies Pick<
  Electron.SafeStorage,
  'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'
>;

export const dialog = {
  showOpenDialog: async (
    first: Electron.BaseWindow | Electron.OpenDialogOptions,
    second?: Electron.OpenDialogOptions,
  ) => {
    world.dialogs.push(second ?? (first as Electron.OpenDialogOptions));
    return world.choice;
  },
  showMessageBox: async (
    first: Electron.BaseWindow | Electron.MessageBoxOptions,
    second?: Electron.MessageBoxOptions,
  ) => {
    const options = second ?? (first as Electron.MessageBoxOptions);
    world.messageBoxes.push(options);
    const { signal, cancelId = 0 } = options;
    if (signal && world.messageChoice === '') {
      // Nobody presses anything until the box is closed.
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      return { response: cancelId, checkboxChecked: false };
    }
    return { response: options.buttons?.indexOf(world.messageChoice) ?? 0, checkboxChecked: false };
  },
  showErrorBox: () => {},
} satisfies Pick<Electron.Dialog, 'showOpenDialog' | 'showMessageBox' | 'showErrorBox'>;

export const screen = {
  getPrimaryDisplay: () => world.displays[0]!,
  getAllDisplays: () => world.displays,
} satisfies Pick<Electron.Screen, 'getPrimaryDisplay' | 'getAllDisplays'>;

export const Menu = {
  buildFromTemplate: (template) => {
    world.menu = template as Electron.MenuItemConstructorOptions[];
    return {} as Electron.Menu;
  },
  setApplicationMenu: () => {},
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>;
