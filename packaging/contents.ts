/** The closed list of what a package holds of ours; test/e2e/package.test.ts holds every target's package to it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform, Target } from './targets';

export interface PackagedFile {
  /** Absolute. */
  readonly from: string;
  /** Relative to the folder that it goes into, with forward slashes. */
  readonly to: string;
}

/** What onnxruntime-node loads. Its Mac library lies there twice, and its binding asks for the shorter name. */
const BINARIES: Readonly<Record<Platform, readonly string[]>> = {
  linux: ['libonnxruntime.so.1', 'onnxruntime_binding.node'],
  win32: ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'],
  darwin: ['libonnxruntime.1.dylib', 'onnxruntime_binding.node'],
};

/** Inside the archive, whose integrity Electron checks: the main process, the preload script and the window. */
export function archiveFiles(root: string): PackagedFile[] {
  const isWindow = (name: string) => !/\.(map|ttf|woff)$/.test(name) && name !== 'licences.json';
  return [
    ...filesOf(root, 'dist/electron', (name) => /^(main(-.*)?\.js|preload\.cjs)$/.test(name)),
    // Of each font's three kinds a browser takes the first, woff2.
    ...filesOf(root, 'dist/renderer', isWindow),
  ];
}

/** Outside of the archive, in a folder of the engine's own: it maps models, loads native code and starts threads. */
export function engineFiles(root: string, { platform, arch }: Target): PackagedFile[] {
  const runtime = 'node_modules/onnxruntime-node';
  const binaries = `${runtime}/bin/napi-v6/${platform}/${arch}`;
  const isProcess = (name: string) => /^(engine(-.*)?|grade-thread|prepare-thread)\.js$/.test(name);
  const isCode = (name: string) => name.endsWith('.js');
  return [
    ...filesOf(root, 'dist/electron', isProcess),
    ...filesOf(root, 'assets/starter/model', () => true),
    file(root, 'assets/starter/heldout.jsonl'),
    file(root, `${runtime}/package.json`),
    ...filesOf(root, `${runtime}/dist`, isCode),
    ...BINARIES[platform].map((name) => file(root, `${binaries}/${name}`)),
    file(root, 'node_modules/onnxruntime-common/package.json'),
    file(root, 'node_modules/onnxruntime-common/dist/cjs/package.json'),
    ...filesOf(root, 'node_modules/onnxruntime-common/dist/cjs', isCode),
  ];
}

function file(root: string, path: string): PackagedFile {
  return { from: join(root, path), to: path };
}

/** Of `folder` and the folders below it, by their paths within it. */
export function filesOf(root: string, folder: string, keep: (name: string) => boolean): PackagedFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => keep(name) && statSync(join(root, folder, name)).isFile())
    .sort()
    .map((name) => file(root, `${folder}/${name}`));
}
