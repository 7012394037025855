/** Where runs are kept: where each platform's users, backups and uninstallers look for an application's data. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataFolder } from '../../engine/runs/data-folder';

const home = join('/h');

it.each<[NodeJS.Platform, Record<string, string>, string]>([
  ['linux', {}, '/h/.local/share/slot-studio'],
  ['linux', { XDG_DATA_HOME: '/d', APPDATA: '/a' }, '/d/slot-studio'],
  // The XDG specification takes an empty variable for none.
  ['linux', { XDG_DATA_HOME: '', SLOT_STUDIO_DATA: '' }, '/h/.local/share/slot-studio'],
  ['darwin', { XDG_DATA_HOME: '/d', APPDATA: '/a' }, '/h/Library/Application Support/slot-studio'],
  ['win32', {}, '/h/AppData/Roaming/slot-studio'],
  ['win32', { XDG_DATA_HOME: '/d', APPDATA: '/a' }, '/a/slot-studio'],
  ['linux', { SLOT_STUDIO_DATA: '/mine' }, '/mine'],
  ['darwin', { SLOT_STUDIO_DATA: '/mine' }, '/mine'],
  ['win32', { SLOT_STUDIO_DATA: '/mine', APPDATA: '/a' }, '/mine'],
])('is on %s with %o %s', (platform, env, folder) => {
  expect(dataFolder(env, platform, home)).toBe(env.SLOT_STUDIO_DATA ? folder : join(folder));
});
