/** Everything of others that is shipped: what the bundles are made of, as Vite tells it, and what comes as binaries. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export interface Component {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** The licence with its copyright lines. */
  readonly text: string;
  /** Package URL, for those of npm. */
  readonly purl: string | null;
}

/** One of Vite's `build.license` list. */
const Bundled = z.object({
  name: z.string(),
  version: z.string(),
  identifier: z.string().optional(),
  text: z.string().optional(),
});
export const BundledList = z.array(Bundled);
type Bundled = z.infer<typeof Bundled>;

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  author: z.union([z.string(), z.object({ name: z.string() })]).optional(),
});

/** Where Vite leaves the lists of the processes' bundles; serve's too, since the browser's shell shows the same page. */
const PROCESSES = ['main', 'engine', 'cli', 'preload'].map((name) =>
  join('dist', 'electron', 'licences', `${name}.json`),
);
const WINDOW = join('dist', 'renderer', 'licences.json');

/** Packages whose published file holds other packages, which no bundler sees. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  '@cortex-js/compute-engine': ['@arnog/colors', 'complex-esm'],
};

const TEXTS = join(import.meta.dirname, 'texts');
const readText = (name: string) => readFileSync(join(TEXTS, name), 'utf8').trim();

/** By name; each once. @param window the window's list, where it is not on disk yet. @throws Error where one has no licence */
export function components(
  root: string,
  window: readonly Bundled[] = readList(join(root, WINDOW)),
): Component[] {
  const processes = PROCESSES.flatMap((file) => readList(join(root, file)));
  const bundled = [...window, ...processes].flatMap((entry) => {
    const held = (HOLDS[entry.name] ?? []).map((name) => fromModules(root, name));
    return [ofBundle(root, entry), ...held];
  });
  const all = new Map<string, Component>();
  for (const component of [...bundled, ...binaries(root)])
    all.set(`${component.name}@${component.version}`, component);
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Empty where it has not been built: `npm run package` and the tests build everything. */
function readList(file: string): Bundled[] {
  return existsSync(file) ? BundledList.parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

function ofBundle(root: string, { name, version, identifier, text }: Bundled): Component {
  if (identifier === undefined) throw new Error(`${name} ${version} says no licence in its package.json`);
  return npm(name, version, identifier, text ?? standardText(identifier, manifestOf(root, name)));
}

function fromModules(root: string, name: string): Component {
  const manifest = manifestOf(root, name);
  const { version, license = '' } = manifest;
  const file = ['LICENSE', 'LICENSE.txt', 'LICENSE.md']
    .map((each) => join(root, 'node_modules', name, each))
    .find(existsSync);
  return npm(
    name,
    version,
    license,
    file ? readFileSync(file, 'utf8').trim() : standardText(license, manifest),
  );
}

function manifestOf(root: string, name: string): z.infer<typeof Manifest> {
  return Manifest.parse(JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')));
}

function npm(name: string, version: string, licence: string, text: string): Component {
  return { name, version, licence, text, purl: `pkg:npm/${name.replace('@', '%40')}@${version}` };
}

/** Some packages name their licence and leave its text out. */
function standardText(licence: string, { name, author }: z.infer<typeof Manifest>): string {
  if (licence !== 'MIT') throw new Error(`${name} comes without the text of its licence (${licence})`);
  const holder = typeof author === 'object' ? author.name : author?.replace(/\s*[<(].*/, '');
  return `MIT License\n\nCopyright (c) ${holder ?? `the authors of ${name}`}\n\n${readText('mit.txt')}`;
}

/** What is not bundled: the runtimes. Their own parts are in the texts that come with them. */
function binaries(root: string): Component[] {
  const onnxruntime = ['onnxruntime-node', 'onnxruntime-common'].map((name) =>
    npm(name, manifestOf(root, name).version, 'MIT', readText('onnxruntime-licence.txt')),
  );
  const electron = manifestOf(root, 'electron');
  const licence = readFileSync(join(root, 'node_modules', 'electron', 'LICENSE'), 'utf8').trim();
  return [...onnxruntime, ...WINDOWS, npm('electron', electron.version, 'MIT', licence)];
}

/** Microsoft's libraries beside onnxruntime's on Windows, of which npm brings no licence text. */
const WINDOWS: readonly Component[] = [
  {
    name: 'DirectML.dll',
    version: '1.15.4',
    licence: 'LicenseRef-Microsoft-DirectML',
    text:
      'On Windows alone. Copyright (c) Microsoft Corporation. Redistributed under the licence terms of the package\n' +
      'Microsoft.AI.DirectML: https://www.nuget.org/packages/Microsoft.AI.DirectML/1.15.4/License',
    purl: 'pkg:nuget/Microsoft.AI.DirectML@1.15.4',
  },
  {
    name: 'dxcompiler.dll, dxil.dll',
    version: '1.8.2502.8',
    licence: 'LicenseRef-Microsoft-DXC',
    text:
      'On Windows alone. DirectX Shader Compiler, copyright (c) Microsoft Corporation; it holds parts of LLVM, copyright (c)\n' +
      'University of Illinois at Urbana-Champaign. Redistributed under the licence terms of the package\n' +
      'Microsoft.Direct3D.DXC: https://www.nuget.org/packages/Microsoft.Direct3D.DXC',
    purl: 'pkg:nuget/Microsoft.Direct3D.DXC@1.8.2502.8',
  },
];

/** The parts that onnxruntime's binaries are made of. Its npm package leaves the text out; this is its Python wheel's. */
export function runtimeNotices(root: string): string {
  const { version } = manifestOf(root, 'onnxruntime-node');
  return readText(`onnxruntime-${version}-third-party-notices.txt`);
}
