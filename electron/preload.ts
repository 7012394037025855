/** Runs beside the page in its sandbox: offers the few things of the desktop, and hands over the engine's port. */
import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron';
import type { Channel, ChannelReply, ChannelRequest } from './channels';
import {
  NEWS_CHANNEL,
  NEWS_MESSAGE,
  ORDERS_CHANNEL,
  ORDERS_MESSAGE,
  PORT_CHANNEL,
  PORT_MESSAGE,
  READY_MESSAGE,
} from './names';

type Carries<C extends Channel> = ChannelRequest<C> extends undefined ? [] : [ChannelRequest<C>];

function invoke<C extends Channel>(channel: C, ...request: Carries<C>): Promise<ChannelReply<C>> {
  return ipcRenderer.invoke(channel, ...request);
}

const bridge = {
  shell: 'electron',
  platform: process.platform,
  chooseModel: (kind: 'folder' | 'file') => invoke('model.choose', kind),
  pathOf: (file: File) => webUtils.getPathForFile(file),
  restartEngine: () => invoke('engine.restart'),
  readDiagnostics: () => invoke('diagnostics.read'),
  keepServerKey: (address: string, key: string | null) => invoke('server.keepKey', { address, key }),
  takeOrders: () => invoke('orders.take'),
  copyText: (text: string) => invoke('clipboard.write', text),
} as const;

export type DesktopBridge = typeof bridge;

contextBridge.exposeInMainWorld('slotStudio', bridge);

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window || event.origin !== window.location.origin) return;
  const { data } = event;
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== READY_MESSAGE) return;
  // Refused where this is not the app's own page; then there is nobody to tell.
  invoke('engine.connect').catch(() => {});
});

ipcRenderer.on(PORT_CHANNEL, (event: IpcRendererEvent) => {
  window.postMessage({ type: PORT_MESSAGE }, window.location.origin, event.ports);
});

ipcRenderer.on(NEWS_CHANNEL, (_event: IpcRendererEvent, news: unknown) => {
  window.postMessage({ type: NEWS_MESSAGE, news }, window.location.origin);
});

ipcRenderer.on(ORDERS_CHANNEL, () => {
  window.postMessage({ type: ORDERS_MESSAGE }, window.location.origin);
});
