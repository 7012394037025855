/** What a page from disk can do of what the shells do: copy. */
import type { MessageTransport } from '../engine/engine-client';
import type { Shell } from '../engine/shell';

export function pageShell(page: Window, transport: MessageTransport): Shell {
  return {
    name: 'browser',
    isMac: /Mac|iP(hone|ad)/.test(page.navigator.userAgent),
    transport,
    chooseModelFolder: null,
    pathOf: null,
    keepServerKey: null,
    restartEngine: async () => {},
    copyText: (text) => page.navigator.clipboard.writeText(text),
    readViewer: null,
    readDiagnostics: null,
    orders: null,
  };
}
