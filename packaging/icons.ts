/** The app's icons in every size and container that the three systems ask for, from one drawing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IconIcns, IconIco } from '@shockpkg/icon-encoder';
import sharp from 'sharp';

/** Below the checkout: icon.ico, icon.icns, and linux/ with a PNG for each size. */
export const ICONS = join('dist', 'icons');

const DRAWING = join('assets', 'icon.svg');
const LINUX = [16, 24, 32, 48, 64, 128, 256, 512];
const WINDOWS = [16, 24, 32, 48, 64, 128, 256];
/** Types of an .icns by their size in pixels; those of one size are for screens of another density. */
const MAC: readonly (readonly [number, readonly string[]])[] = [
  [32, ['ic11']],
  [64, ['ic12']],
  [128, ['ic07']],
  [256, ['ic13', 'ic08']],
  [512, ['ic14', 'ic09']],
  [1024, ['ic10']],
];

export async function makeIcons(root: string): Promise<void> {
  const folder = join(root, ICONS);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'linux'), { recursive: true });
  const drawing = readFileSync(join(root, DRAWING));
  for (const size of LINUX)
    writeFileSync(join(folder, 'linux', `${size}x${size}.png`), await drawn(drawing, size));

  const ico = new IconIco();
  // Windows reads small ones as bitmaps alone.
  for (const size of WINDOWS) await ico.addFromPng(await drawn(drawing, size), size >= 256, false);
  writeFileSync(join(folder, 'icon.ico'), ico.encode());

  const icns = new IconIcns();
  icns.toc = true;
  for (const [size, types] of MAC) await icns.addFromPng(await onMac(drawing, size), types, false);
  writeFileSync(join(folder, 'icon.icns'), icns.encode());
}

/** A drawing of 32 units at 72 dots an inch, rasterised at the size that is asked for and not scaled afterwards. */
function drawn(drawing: Buffer, size: number): Promise<Buffer> {
  return sharp(drawing, { density: (72 * size) / 32 })
    .resize(size, size)
    .png()
    .toBuffer();
}

/** Icons of a Mac keep a margin of about a tenth, so that all look equally large beside each other. */
async function onMac(drawing: Buffer, size: number): Promise<Buffer> {
  const inner = Math.round(size * 0.8);
  const before = Math.floor((size - inner) / 2);
  const after = size - inner - before;
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  return sharp(await drawn(drawing, inner))
    .extend({ top: before, left: before, bottom: after, right: after, background })
    .png()
    .toBuffer();
}
