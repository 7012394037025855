import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fitBounds, readWindowState, writeWindowState } from '../../electron/window-state';

const left = { x: 0, y: 25, width: 1920, height: 1015 };
const right = { x: 1920, y: 0, width: 1280, height: 1024 };

describe('bounds', () => {
  it.each([
    [
      'on their screen stay',
      { x: 2000, y: 50, width: 900, height: 700 },
      { x: 2000, y: 50, width: 900, height: 700 },
    ],
    [
      'that stick out are pushed in',
      { x: -200, y: 900, width: 900, height: 700 },
      { x: 0, y: 340, width: 900, height: 700 },
    ],
    [
      'off every screen are centred',
      { x: 9000, y: 0, width: 900, height: 700 },
      { x: 510, y: 183, width: 900, height: 700 },
    ],
    [
      'seen by a sliver count as off',
      { x: -850, y: 100, width: 900, height: 700 },
      { x: 510, y: 183, width: 900, height: 700 },
    ],
    [
      'too large are cut down',
      { x: 1920, y: 0, width: 9000, height: 9000 },
      { x: 1920, y: 0, width: 1280, height: 1024 },
    ],
    [
      'too small are brought up',
      { x: 100, y: 100, width: 150, height: 150 },
      { x: 100, y: 100, width: 720, height: 480 },
    ],
  ])('%s', (_, saved, expected) => {
    expect(fitBounds(saved, [left, right])).toEqual(expected);
  });

  it('that were never saved are the default, centred, and fit a small screen', () => {
    expect(fitBounds(null, [left])).toEqual({ x: 280, y: 83, width: 1360, height: 900 });
    expect(fitBounds(null, [{ x: 0, y: 0, width: 1024, height: 600 }])).toEqual({
      x: 0,
      y: 0,
      width: 1024,
      height: 600,
    });
    expect(fitBounds(null, [])).toMatchObject({ width: 1360, height: 900 });
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slot-state-'));
  const file = join(folder, 'deep', 'window.json');

  it('is written whole and read back', () => {
    const state = { bounds: { x: -5, y: 7, width: 900, height: 700 }, maximized: true };
    expect(readWindowState(file)).toBeNull();
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['window.json']);
  });

  it.each([
    '',
    '{',
    'null',
    '{"bounds":{"x":0,"y":0,"width":0,"height":700},"maximized":false}',
    '{"bounds":{"x":"0","y":0,"width":900,"height":700},"maximized":false}',
    '{"bounds":{"x":1e300,"y":0,"width":900,"height":700},"maximized":false}',
    '{"bounds":{"x":0,"y":0,"width":900,"height":700}}',
  ])('that cannot be right is as none: %s', (text) => {
    writeFileSync(file, text);
    expect(readWindowState(file)).toBeNull();
    expect(existsSync(file)).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('that is a pipe is as none, and not waited for', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(readWindowState(pipe)).toBeNull();
  });
});
