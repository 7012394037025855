/** `npm run pack`: what was built as one npm package, the command line with its server, into dist/npm. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { filesOf, type PackagedFile } from './contents';
import { readMetadata } from './stage';

const root = join(import.meta.dirname, '..');
const output = join(root, 'dist', 'npm');
const folder = join(output, 'package');

/** As the engine's of a desktop package, with the command line in place of Electron's processes. */
function contents(): PackagedFile[] {
  const isProcess = (name: string) => /^((cli|engine)(-.*)?|grade-thread|prepare-thread)\.js$/.test(name);
  const isWindow = (name: string) => !/\.(map|ttf|woff)$/.test(name) && name !== 'licences.json';
  const named = (from: string, to = from) => ({ from: join(root, from), to });
  return [
    ...filesOf(root, 'dist/electron', isProcess),
    ...filesOf(root, 'dist/renderer', isWindow),
    ...filesOf(root, 'assets/starter/model', () => true),
    named('assets/starter/heldout.jsonl'),
    named('LICENSE'),
    named('NOTICE'),
    named('docs/service.md', 'README.md'),
  ];
}

/** The one package that is not bundled, at the version that was tested. */
function runtimeVersion(): string {
  const manifest = readFileSync(join(root, 'node_modules', 'onnxruntime-node', 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

rmSync(output, { recursive: true, force: true });
for (const { from, to } of contents()) {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  copyFileSync(from, join(folder, to));
}
const { main: _, ...metadata } = readMetadata(root);
const manifest = {
  ...metadata,
  private: true,
  type: 'module',
  bin: { [metadata.name]: 'dist/electron/cli.js' },
  engines: { node: '>=20.19.0' },
  dependencies: { 'onnxruntime-node': runtimeVersion() },
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
execFileSync('npm', ['pack', '--silent', '--pack-destination', output, folder], {
  // npm is a script there.
  shell: process.platform === 'win32',
});
console.log(join(output, `${metadata.name}-${metadata.version}.tgz`));
