/** BrowserWindow: loads its page through the app's own protocol, and keeps what it was made with. */
import { EventEmitter } from 'node:events';
import { StandInPage } from './page';
import { takePorts } from './ports';
import { world } from './world';

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

export class StandInContents
  extends EventEmitter
  implements
    Pick<
      Electron.WebContents,
      'setWindowOpenHandler' | 'postMessage' | 'isDestroyed' | 'reload' | 'forcefullyCrashRenderer'
    >
{
  page: StandInPage | undefined;
  openHandler: OpenHandler | undefined;
  destroyed = false;
  reloads = 0;

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  postMessage(channel: string, message: unknown, transfer?: Electron.MessagePortMain[]): void {
    this.page?.receive(channel, message, takePorts(transfer));
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  reload(): void {
    this.reloads++;
  }

  forcefullyCrashRenderer(): void {
    world.app.emit('render-process-gone', {}, this, { reason: 'crashed' });
  }
}

type Used =
  | 'loadURL'
  | 'show'
  | 'focus'
  | 'close'
  | 'restore'
  | 'maximize'
  | 'isMaximized'
  | 'isMinimized'
  | 'getNormalBounds'
  | 'isDestroyed';

export class StandInWindow extends EventEmitter implements Pick<Electron.BrowserWindow, Used> {
  static readonly all: StandInWindow[] = [];

  static getAllWindows(): Electron.BrowserWindow[] {
    return StandInWindow.all as unknown as Electron.BrowserWindow[];
  }

  static fromWebContents(contents: Electron.WebContents): Electron.BrowserWindow | null {
    const owner = StandInWindow.all.find((window) => (window.webContents as unknown) === contents);
    return (owner ?? null) as Electron.BrowserWindow | null;
  }

  readonly webContents = new StandInContents();
  readonly calls: string[] = [];
  minimized = false;
  maximized = false;
  loaded: Promise<Response> | undefined;

  constructor(readonly options: Electron.BrowserWindowConstructorOptions) {
    super();
    StandInWindow.all.push(this);
    world.app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    const handle = world.protocols.get(new URL(url).protocol.slice(0, -1));
    if (handle === undefined) throw new Error(`ERR_UNKNOWN_URL_SCHEME ${url}`);
    this.loaded = Promise.resolve(handle(new Request(url)));
    const response = await this.loaded;
    if (!response.ok) throw new Error(`ERR_FAILED ${response.status}`);
    const { preload = '' } = this.options.webPreferences ?? {};
    const contents = this.webContents as unknown as Electron.WebContents;
    this.webContents.page = new StandInPage(url, contents, preload);
    this.emit('ready-to-show');
  }

  show(): void {
    this.calls.push('show');
  }

  focus(): void {
    this.calls.push('focus');
  }

  isDestroyed(): boolean {
    return this.webContents.destroyed;
  }

  restore(): void {
    this.minimized = false;
  }

  maximize(): void {
    this.maximized = true;
  }

  isMaximized(): boolean {
    return this.maximized;
  }

  isMinimized(): boolean {
    return this.minimized;
  }

  getNormalBounds(): Electron.Rectangle {
    const { x = 0, y = 0, width = 0, height = 0 } = this.options;
    return { x, y, width, height };
  }

  close(): void {
    this.emit('close', {});
    StandInWindow.all.splice(StandInWindow.all.indexOf(this), 1);
    this.webContents.destroyed = true;
    this.webContents.emit('destroyed');
    this.emit('closed');
    if (StandInWindow.all.length === 0) world.app.emit('window-all-closed');
  }
}
