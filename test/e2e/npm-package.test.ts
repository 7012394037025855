/** The npm package by itself: what it holds, and that its command answers a prompt and serves the window. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../fixtures/browser-shell';
import { get } from '../serve/support';

const folder = mkdtempSync(join(tmpdir(), 'slot-npm-'));
const installed = join(folder, 'node_modules', 'slot-studio');
const cli = join(installed, 'dist', 'electron', 'cli.js');
// Nothing of the checkout's is at hand, nor of this user's.
const env = {
  PATH: process.env.PATH,
  HOME: folder,
  SLOT_STUDIO_DATA: join(folder, 'data'),
  HF_HUB_OFFLINE: '1',
};

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist/renderer/index.html'))) throw new Error('run npm run build first');
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const out = execFileSync(process.execPath, [tsx, join(ROOT, 'packaging', 'npm.ts')], { encoding: 'utf8' });
  const tarball = out.trim().split('\n').at(-1)!;
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['--extract', '--strip-components=1', `--file=${tarball}`, `--directory=${installed}`]);
  // What npm would fetch: the one package that is named.
  for (const name of ['onnxruntime-node', 'onnxruntime-common'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds what runs, the starter model, the words of the licences, and nothing else', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(installed.length + 1)
        .replaceAll('\\', '/'),
    );
  const kinds = [
    /^(package\.json|LICENSE|NOTICE|README\.md)$/,
    /^dist\/electron\/((cli|engine)(-[\w.-]+)?|grade-thread|prepare-thread)\.js$/,
    /^dist\/renderer\/([\w-]+\.(html|svg|txt)|assets\/[\w.-]+\.(js|css|svg|woff2))$/,
    /^assets\/starter\/(heldout\.jsonl|model\/[\w./-]+)$/,
  ];
  expect(files.filter((name) => !kinds.some((kind) => kind.test(name)))).toEqual([]);
  for (const name of [
    'dist/electron/cli.js',
    'dist/electron/engine.js',
    'dist/renderer/index.html',
    'dist/renderer/notices.txt',
  ])
    expect(files).toContain(name);
  const { dependencies, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    bin: Record<string, string>;
  };
  expect(Object.keys(dependencies)).toEqual(['onnxruntime-node']);
  expect(bin).toEqual({ 'slot-studio': 'dist/electron/cli.js' });
  expect(readFileSync(cli, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

it('answers a prompt', () => {
  const args = ['run', '--prompt', 'What is 2 plus 3?', '--steps', '1', '--max-new-tokens', '2', '--json'];
  const lines = execFileSync(process.execPath, [cli, ...args], { cwd: folder, env, encoding: 'utf8' });
  expect(JSON.parse(lines.trim().split('\n').at(-1)!)).toMatchObject({ type: 'run.done' });
});

it('serves the window until it is told to stop', async () => {
  const child = spawn(process.execPath, [cli, 'serve', '--no-open'], { cwd: folder, env, stdio: 'pipe' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  await expect.poll(() => out, { timeout: 60_000 }).toContain('\n');
  const url = new URL(/http:\S+/.exec(out)![0]);
  expect(await get(Number(url.port), url.pathname + url.search)).toMatchObject({ status: 303 });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
