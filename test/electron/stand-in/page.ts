/** A page and the preload script beside it: one window object, the script in a sandbox that knows only 'electron'. */
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import type { MessagePort } from 'node:worker_threads';
import { world } from './world';

type Listener = (event: MessageEvent) => void;
type PortListener = (event: { ports: MessagePort[] }, message: unknown) => void;

export class StandInPage {
  readonly url: string;
  /** Where the page was loaded, and what the preload script has exposed to it. */
  readonly window: Record<string, unknown> & {
    readonly location: { readonly origin: string };
    addEventListener(type: 'message', listener: Listener): void;
    removeEventListener(type: 'message', listener: Listener): void;
    postMessage(message: unknown, targetOrigin: string, transfer?: readonly MessagePort[]): void;
  };
  readonly #listeners = new Set<Listener>();
  readonly #channels = new Map<string, PortListener[]>();
  readonly #contents: Electron.WebContents;

  constructor(url: string, contents: Electron.WebContents, preload: string) {
    this.url = url;
    this.#contents = contents;
    const { protocol, host } = new URL(url);
    const origin = `${protocol}//${host}`;
    const window: StandInPage['window'] = {
      location: { origin },
      addEventListener: (_type, listener) => void this.#listeners.add(listener),
      removeEventListener: (_type, listener) => void this.#listeners.delete(listener),
      postMessage: (data, targetOrigin, ports = []) => {
        if (targetOrigin !== origin) return;
        setImmediate(() => {
          const event = { data, origin, source: window, ports } as unknown as MessageEvent;
          for (const listener of [...this.#listeners]) listener(event);
        });
      },
    };
    this.window = window;
    this.#run(preload);
  }

  /** As ipcRenderer.invoke, from any frame: what the main process answers, cloned both ways. */
  async invoke(
    channel: string,
    args: unknown[],
    frame: Partial<Electron.WebFrameMain> | null,
  ): Promise<unknown> {
    const handler = world.handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    const event = {
      type: 'frame',
      sender: this.#contents,
      senderFrame: frame,
    } as Electron.IpcMainInvokeEvent;
    try {
      return structuredClone(await handler(event, ...structuredClone(args)));
    } catch (error) {
      throw new Error(`Error invoking remote method '${channel}': ${String(error)}`);
    }
  }

  /** A message of the main process to the preload script. */
  receive(channel: string, message: unknown, ports: MessagePort[]): void {
    for (const listener of this.#channels.get(channel) ?? []) listener({ ports }, message);
  }

  #run(preload: string): void {
    const topFrame = { url: this.url, parent: null };
    const ipcRenderer = {
      invoke: (channel: string, ...args: unknown[]) => this.invoke(channel, args, topFrame),
      on: (channel: string, listener: PortListener) => {
        this.#channels.set(channel, [...(this.#channels.get(channel) ?? []), listener]);
      },
    };
    const contextBridge = {
      exposeInMainWorld: (key: string, api: unknown) => {
        this.window[key] = api;
      },
    };
    const webUtils = {
      getPathForFile: (file) => world.paths.get(file) ?? '',
    } satisfies Pick<Electron.WebUtils, 'getPathForFile'>;
    const require = (name: string) => {
      if (name !== 'electron') throw new Error(`module not found: ${name}`);
      return { ipcRenderer, contextBridge, webUtils };
    };
    const sandbox = createContext({ window: this.window, require, process: { platform: process.platform } });
    runInContext(`(() => {\n${readFileSync(preload, 'utf8')}\n})();`, sandbox, { filename: preload });
  }
}
