/** The application menu: the platform's usual entries, and the engine's. */
import { Menu, type MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  restartEngine(): void;
}

export function installMenu({ restartEngine }: MenuActions): void {
  const isMac = process.platform === 'darwin';
  const engine: MenuItemConstructorOptions = {
    label: 'Engine',
    submenu: [{ label: 'Restart Engine', click: () => restartEngine() }],
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
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    view,
    engine,
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
