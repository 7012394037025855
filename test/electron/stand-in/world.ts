/** What the stand-in has seen and been told, for tests to look at and to act on. */
import { EventEmitter } from 'node:events';

type PermissionHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type DeviceHandler = Parameters<Electron.Session['setDevicePermissionHandler']>[0];

export const world = {
  app: new EventEmitter(),
  userData: '',
  isOnlyInstance: true,
  hasQuit: false,
  /** What a start hands to the one before it. */
  lockData: undefined as unknown,
  ready: new Promise<void>((resolve) => setImmediate(resolve)),
  schemes: [] as Electron.CustomScheme[],
  protocols: new Map<string, Parameters<Electron.Protocol['handle']>[1]>(),
  handlers: new Map<string, Parameters<Electron.IpcMain['handle']>[1]>(),
  openedOutside: [] as string[],
  clipboard: '',
  hasKeychain: true,
  /** Where files that the page holds lie. */
  paths: new Map<unknown, string>(),
  choice: { canceled: true, filePaths: [] } as Electron.OpenDialogReturnValue,
  dialogs: [] as Electron.OpenDialogOptions[],
  messageBoxes: [] as Electron.MessageBoxOptions[],
  /** The button that the user presses in the next ones. */
  messageChoice: '',
  /** What was emptied of the pages' own storage. */
  cleared: [] as string[],
  crashReporter: undefined as Electron.CrashReporterStartOptions | undefined,
  menu: [] as Electron.MenuItemConstructorOptions[],
  permissionRequest: null as PermissionHandler,
  permissionCheck: null as CheckHandler,
  devicePermission: null as DeviceHandler,
  displays: [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }] as Electron.Display[],
  utilityProcesses: [] as { path: string; args: string[]; options: Electron.ForkOptions; pid: number }[],
};
