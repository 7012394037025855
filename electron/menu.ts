/** The application menu: the platform's usual entries, and the engine's. */
import { Menu, type MenuItemConstructorOptions } from 'electron';

interface MenuActions {
  restartEngine(): void;
  show(dialog: 'notices' | 'diagnostics'): void;
}

export function installMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, process.platform === 'darwin')));
}

export function menuTemplate(actions: MenuActions, isMac: boolean): MenuItemConstructorOptions[] {
  const engine: MenuItemConstructorOptions = {
    label: 'Engine',
    submenu: [{ label: 'Restart Engine', click: () => actions.restartEngine() }],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    submenu: [
      { label: 'Diagnostics', click: () => actions.show('diagnostics') },
      { label: 'Licences and Notices', click: () => actions.show('notices') },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      { role: 'toggleDevTools' },
    ],
  };
  // Elsewhere than on a Mac Ctrl+M is the page's own, and the role's key cannot be taken from it.
  const window: MenuItemConstructorOptions = {
    label: 'Window',
    submenu: [{ label: 'Minimize', click: (_item, own) => own?.minimize() }, { role: 'close' }],
  };
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    view,
    engine,
    isMac ? { role: 'windowMenu' } : window,
    help,
  ];
}
