/** The two shells that can hold this window, and the little they do for it beyond the engine. */
import { Diagnostics } from '../../engine/protocol';
import type { MessageTransport } from './engine-client';
import { portTransport } from './port-transport';
import { engineAddress, webSocketTransport } from './websocket-transport';

/** What the preload script of the desktop shell offers this page. */
interface DesktopBridge {
  readonly shell: 'electron';
  readonly platform: string;
  chooseModel(kind: 'folder' | 'file'): Promise<string | null>;
  pathOf(file: File): string;
  restartEngine(): Promise<void>;
  readDiagnostics(): Promise<unknown>;
  takeOrders(): Promise<unknown>;
  copyText?(text: string): Promise<void> | void;
  keepServerKey?(address: string, key: string | null): Promise<boolean>;
}

declare global {
  interface Window {
    readonly slotStudio?: DesktopBridge;
  }
}

/** What the page is to do for the shell around it; each is given once. */
interface OrderSource {
  /** Of unknown shape: see Orders in engine/protocol. */
  take(): Promise<unknown>;
  /** Calls back when there may be more. */
  onWaiting(callback: () => void): void;
}

export interface Shell {
  readonly name: 'electron' | 'browser';
  readonly isMac: boolean;
  readonly transport: MessageTransport;
  /** Asks the user for a folder or a file; null where this shell has no such dialogs. */
  readonly chooseModel: ((kind: 'folder' | 'file') => Promise<string | null>) | null;
  /** Where a dropped file or folder lies; null where this shell tells no page. */
  readonly pathOf: ((file: File) => string) | null;
  /** A new engine process, whatever the old one is doing; its end and its start are told as any other. */
  restartEngine(): Promise<void>;
  copyText(text: string): Promise<void>;
  /** Keeps a server's key for the next start, or, null, forgets it; null where this shell has no keychain. */
  readonly keepServerKey: ((address: string, key: string | null) => Promise<boolean>) | null;
  /** The built page that runs and evaluations are exported into; null in such a page, where nothing can be changed. */
  readonly readViewer: (() => Promise<string>) | null;
  /** What the shell's own process knows; null where that is the engine's to tell. */
  readonly readDiagnostics: (() => Promise<Diagnostics>) | null;
  /** Null where the shell has no menu and is handed no files. */
  readonly orders: OrderSource | null;
}

export function detectShell(page: Window): Shell {
  const bridge = page.slotStudio;
  // It lies beside the window's own.
  const readViewer = async () => {
    const answer = await page.fetch('./page.html');
    if (!answer.ok) throw new Error('the page to export into is not built: run `npm run build`');
    return answer.text();
  };
  const copyInBrowser = (text: string) => page.navigator.clipboard.writeText(text);
  if (bridge?.shell === 'electron') {
    return {
      name: 'electron',
      isMac: bridge.platform === 'darwin',
      transport: portTransport(page),
      chooseModel: (kind) => bridge.chooseModel(kind),
      pathOf: (file) => bridge.pathOf(file),
      restartEngine: () => bridge.restartEngine(),
      keepServerKey: async (address, key) => (await bridge.keepServerKey?.(address, key)) ?? false,
      orders: {
        take: () => bridge.takeOrders(),
        onWaiting: (callback) => onOwnMessage(page, ORDERS_MESSAGE, callback),
      },
      copyText: async (text) => (bridge.copyText ? bridge.copyText(text) : copyInBrowser(text)),
      readViewer,
      readDiagnostics: async () => Diagnostics.parse(await bridge.readDiagnostics()),
    };
  }
  const transport = webSocketTransport(engineAddress(page));
  const restartEngine = async () => transport.send({ kind: 'restart' });
  return { ...bareShell(page, transport), restartEngine, readViewer };
}

/** What any page can do by itself. */
export function bareShell(page: Window, transport: MessageTransport): Shell {
  return {
    name: 'browser',
    isMac: /Mac|iP(hone|ad)/.test(page.navigator.userAgent),
    transport,
    chooseModel: null,
    pathOf: null,
    keepServerKey: null,
    restartEngine: async () => {},
    copyText: (text) => page.navigator.clipboard.writeText(text),
    readViewer: null,
    readDiagnostics: null,
    orders: null,
  };
}

const ORDERS_MESSAGE = 'slot-studio:orders-waiting';

/** Only this page's own preload script speaks here, never a frame or another window. */
function onOwnMessage(page: Window, type: string, callback: () => void): void {
  page.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
    if (source !== page || origin !== page.location.origin) return;
    if (typeof data === 'object' && data !== null && 'type' in data && data.type === type) callback();
  });
}
