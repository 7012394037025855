/** The app's one window. */
import { BrowserWindow, screen } from 'electron';
import { PAGE_URL } from './names';
import { fitBounds, MINIMUM, readWindowState, writeWindowState } from './window-state';

export interface WindowOptions {
  /** The bundled preload script. */
  preload: string;
  /** Where the bounds are kept. */
  stateFile: string;
}

export function openWindow({ preload, stateFile }: WindowOptions): BrowserWindow {
  const saved = readWindowState(stateFile);
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const workAreas = [primary, ...others].map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...fitBounds(saved?.bounds ?? null, workAreas),
    minWidth: MINIMUM.width,
    minHeight: MINIMUM.height,
    title: 'SLOT Studio',
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      // Chromium's spell checker fetches its dictionaries from the network.
      spellcheck: false,
    },
  });
  // Both calls show the window; before the page is drawn there would be nothing to see.
  window.once('ready-to-show', () => (saved?.maximized === true ? window.maximize() : window.show()));
  window.on('close', () => {
    try {
      writeWindowState(stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
    } catch {
      // A full or read-only disk must not keep the window open.
    }
  });
  void window.loadURL(PAGE_URL);
  return window;
}
