/** The systems that a package is made for, and what each is given as. */
import { z } from 'zod';

export const Platform = z.enum(['linux', 'win32', 'darwin']);
export type Platform = z.infer<typeof Platform>;
const Arch = z.enum(['x64', 'arm64']);
export type Arch = z.infer<typeof Arch>;

export interface Target {
  readonly platform: Platform;
  readonly arch: Arch;
}

/** Every target that there can be: onnxruntime-node has no binary for Macs with Intel's processors. */
export const TARGETS: readonly Target[] = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'linux', arch: 'arm64' },
  { platform: 'win32', arch: 'x64' },
  { platform: 'win32', arch: 'arm64' },
  { platform: 'darwin', arch: 'arm64' },
];

/** What a release offers for each platform, by electron-builder's names. A deb adds a file to the folder: it comes last. */
export const FORMATS: Readonly<Record<Platform, readonly string[]>> = {
  linux: ['AppImage', 'tar.gz', 'deb'],
  win32: ['nsis', 'zip'],
  darwin: ['dmg', 'zip'],
};

/** Words for messages, and names of folders. */
export const nameOf = ({ platform, arch }: Target): string => `${platform}-${arch}`;

/** @throws Error where there is no such target, with the reason */
export function findTarget(platform: Platform, arch: Arch): Target {
  const found = TARGETS.find((target) => target.platform === platform && target.arch === arch);
  if (found !== undefined) return found;
  throw new Error(
    `no package for ${nameOf({ platform, arch })}: onnxruntime-node has no binary for it. ` +
      `There are ${TARGETS.map(nameOf).join(', ')}.`,
  );
}
