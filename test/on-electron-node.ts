/**
 * Runs the tests of the parts, with the bundled engine process among them, on the Node that the shipped Electron
 * carries: `npm run test:electron-node`, with options for Vitest after `--`.
 *
 * The electron package tells that Node by its own dependency on @types/node, whose major version is Node's: nothing
 * else in it does (its abi_version is Electron's own). The binary comes by npm too, so that nothing needs an install
 * script or another server, and stays in npm's cache.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const ElectronPackage = z.object({
  version: z.string(),
  dependencies: z.object({ '@types/node': z.string().regex(/^\^\d+\./) }),
});

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const { npm_execpath: npm } = process.env;
if (!npm) throw new Error('start this with: npm run test:electron-node');
const electron = ElectronPackage.parse(
  JSON.parse(readFileSync(require.resolve('electron/package.json'), 'utf8')),
);
const major = Number.parseInt(electron.dependencies['@types/node'].slice(1), 10);
const platform = process.platform === 'win32' ? 'win' : process.platform;
const binary = `node-${platform}-${process.arch}@${major}`;
const vitest = join(require.resolve('vitest/package.json'), '..', 'vitest.mjs');

console.log(`Electron ${electron.version} carries Node ${major}.`);
const exec = [npm, 'exec', '--yes', '--prefer-offline', `--package=${binary}`, '--', 'node'];
const tests = [vitest, 'run', '--project', 'parts', ...process.argv.slice(2)];
// Had npm found another Node first, the tests would say nothing about this one.
const check = `process.exit(process.version.startsWith('v${major}.') ? 0 : 1)`;
if ((await run(process.execPath, [...exec, '-e', check])) !== 0)
  throw new Error(`${binary} does not start here as Node ${major}`);
process.exitCode = await run(process.execPath, [...exec, ...tests]);
