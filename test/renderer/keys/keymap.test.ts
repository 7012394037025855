/** Keys by platform: no two of the window's claim the same, and none claims what the menu or the system's text editing has. */
import { describe, expect, it } from 'vitest';
import { menuTemplate } from '../../../electron/menu';
import {
  ACTIONS,
  type Action,
  ariaKeys,
  isCharacter,
  isPressed,
  keyText,
  TEXT_ACTIONS,
} from '../../../renderer/keys/keymap';

const PLATFORMS = [
  { platform: 'a Mac', isMac: true },
  { platform: 'another system', isMac: false },
] as const;

/** What Electron gives to roles, from its menu-item-roles.ts; roles that hold others, with those. */
const ROLES: Readonly<Record<string, (isMac: boolean) => readonly string[]>> = {
  appMenu: () => ['Cmd+H', 'Cmd+Alt+H', 'Cmd+Q'],
  fileMenu: (isMac) => [isMac ? 'Cmd+W' : 'Ctrl+Q'],
  editMenu: (isMac) =>
    isMac
      ? ['Cmd+Z', 'Shift+Cmd+Z', 'Cmd+X', 'Cmd+C', 'Cmd+V', 'Cmd+Alt+Shift+V', 'Cmd+A']
      : ['Ctrl+Z', 'Ctrl+Y', 'Shift+Ctrl+Z', 'Ctrl+X', 'Ctrl+C', 'Ctrl+V', 'Shift+Ctrl+V', 'Ctrl+A'],
  help: () => [],
  windowMenu: (isMac) => (isMac ? ['Cmd+M'] : ['Ctrl+M', 'Ctrl+W']),
  minimize: (isMac) => [isMac ? 'Cmd+M' : 'Ctrl+M'],
  close: (isMac) => [isMac ? 'Cmd+W' : 'Ctrl+W'],
  resetZoom: (isMac) => [isMac ? 'Cmd+0' : 'Ctrl+0'],
  zoomIn: (isMac) => [isMac ? 'Cmd+Plus' : 'Ctrl+Plus'],
  zoomOut: (isMac) => [isMac ? 'Cmd+-' : 'Ctrl+-'],
  togglefullscreen: (isMac) => [isMac ? 'Ctrl+Cmd+F' : 'F11'],
  toggleDevTools: (isMac) => [isMac ? 'Alt+Cmd+I' : 'Ctrl+Shift+I'],
};

/** Apple's list of keys for editing text, and what Windows and GTK have in any field; letters without a modifier type. */
const EDITING = {
  mac: [
    ...'ABDEFHKLNOPTVY'.split('').flatMap((letter) => [`Ctrl+${letter}`, `Ctrl+Shift+${letter}`]),
    ...[
      'Cmd+A',
      'Cmd+C',
      'Cmd+V',
      'Cmd+X',
      'Cmd+Z',
      'Shift+Cmd+Z',
      'Cmd+Left',
      'Cmd+Right',
      'Cmd+Up',
      'Cmd+Down',
    ],
    ...['Cmd+Backspace', 'Alt+Backspace', 'Alt+Left', 'Alt+Right', 'Ctrl+Enter', 'Shift+Enter', 'Alt+Enter'],
  ],
  other: [
    ...['Ctrl+A', 'Ctrl+C', 'Ctrl+V', 'Ctrl+X', 'Ctrl+Z', 'Ctrl+Y', 'Ctrl+Shift+Z', 'Ctrl+Shift+V'],
    ...['Ctrl+Left', 'Ctrl+Right', 'Ctrl+Home', 'Ctrl+End', 'Ctrl+Backspace', 'Ctrl+Delete', 'Ctrl+Insert'],
    ...['Ctrl+H', 'Shift+Enter', 'Shift+Delete', 'Shift+Insert'],
  ],
};

describe.each(PLATFORMS)('keys on $platform', ({ isMac }) => {
  const own = ACTIONS.map((action) => normal(ariaKeys(action, isMac)));
  // They mean the same in the menu and in any field, which keep them for text.
  const texts = TEXT_ACTIONS.map((action) => normal(ariaKeys(action, isMac)));
  const besides = own.filter((key) => !texts.includes(key));

  it('are claimed once', () => {
    expect(own.toSorted()).toEqual([...new Set(own)].toSorted());
  });

  it('leave the menu its own', () => {
    const menu = acceleratorsOf(menuTemplate({ restartEngine: () => {}, show: () => {} }, isMac)).map(normal);
    expect(menu.length).toBeGreaterThan(8);
    expect(menu.toSorted()).toEqual([...new Set(menu)].toSorted());
    expect(besides.filter((key) => menu.includes(key))).toEqual([]);
    expect(texts.filter((key) => menu.includes(key))).toEqual(texts);
  });

  it('leave text editing its own', () => {
    const editing = (isMac ? EDITING.mac : EDITING.other).map(normal);
    expect(besides.filter((key) => editing.includes(key))).toEqual([]);
    for (const key of editing.filter((each) => !texts.includes(each)))
      expect(actionsOf(press(key)), key).toEqual([]);
  });

  it('are known by what is pressed, one action to a key', () => {
    for (const action of ACTIONS) {
      expect(actionsOf(press(normal(ariaKeys(action, isMac)))), action).toEqual([action]);
    }
  });

  it('are another thing with one more modifier', () => {
    for (const action of ACTIONS.filter((each) => !isCharacter(each))) {
      const key = press(normal(ariaKeys(action, isMac)));
      expect(actionsOf({ ...key, altKey: true })).toEqual([]);
      expect(actionsOf({ ...key, ctrlKey: true, metaKey: true })).toEqual([]);
    }
  });

  function actionsOf(event: ReturnType<typeof press>): Action[] {
    return ACTIONS.filter((action) => isPressed(action, event, isMac));
  }
});

describe('keys', () => {
  it('are written as the platform writes them', () => {
    expect(keyText('compare', true)).toBe('⇧⌘O');
    expect(keyText('compare', false)).toBe('Ctrl+Shift+O');
    expect(keyText('models', true)).toBe('⇧⌘M');
    expect(keyText('models', false)).toBe('Ctrl+M');
    expect(keyText('newSeed', false)).toBe('Shift+R');
    expect(ariaKeys('run', true)).toBe('Meta+Enter');
  });

  it('are found on keyboards that type brackets with AltGr or Option', () => {
    const bracket = { key: ']', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
    expect(isPressed('stepForth', { ...bracket, ctrlKey: true, altKey: true }, false)).toBe(true);
    expect(isPressed('stepForth', { ...bracket, altKey: true }, true)).toBe(true);
    expect(isPressed('stepForth', { ...bracket, ctrlKey: true }, false)).toBe(false);
    expect(isPressed('stepForth', { ...bracket, metaKey: true }, true)).toBe(false);
  });

  it('that type a character are those that can be turned off', () => {
    const off = ACTIONS.filter(isCharacter).map((action) => keyText(action, false));
    expect(off.toSorted().join(' ')).toBe('D K M N P R Shift+D Shift+K Shift+N Shift+R [ ]');
  });
});

interface Entry {
  readonly role?: string;
  readonly accelerator?: unknown;
  readonly submenu?: unknown;
}

function acceleratorsOf(entries: readonly Entry[], isMac = entries[0]?.role === 'appMenu'): string[] {
  return entries.flatMap(({ role, accelerator, submenu }) => {
    if (role !== undefined && ROLES[role] === undefined)
      throw new Error(`the keys of role ${role} are not listed`);
    return [
      ...(role === undefined ? [] : (ROLES[role]?.(isMac) ?? [])),
      ...(typeof accelerator === 'string' ? [accelerator] : []),
      ...(Array.isArray(submenu) ? acceleratorsOf(submenu, isMac) : []),
    ];
  });
}

/** One notation for menus, ARIA and lists: modifiers in one order, then the key. */
function normal(keys: string): string {
  const parts = keys.toLowerCase().replace('cmd', 'meta').replace('control', 'ctrl').split('+');
  const key = parts.at(-1) ?? '';
  return [
    ...['alt', 'ctrl', 'meta', 'shift'].filter((part) => parts.includes(part) && part !== key),
    key,
  ].join('+');
}

function press(keys: string) {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  return {
    key: key.length === 1 && parts.includes('shift') ? key.toUpperCase() : key,
    ctrlKey: parts.includes('ctrl'),
    metaKey: parts.includes('meta'),
    altKey: parts.includes('alt'),
    shiftKey: parts.includes('shift'),
  };
}
