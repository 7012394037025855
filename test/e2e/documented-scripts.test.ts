/**
 * The commands of npm on the pages, executed as they stand in a copy of the checkout, in the pages' order; those that
 * measure take the least that they can. The command line's own are executed by test/docs/commands.test.ts.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../fixtures/browser-shell';
import { writeRuntime } from '../../fixtures/electron-runtime';
import { temporaryFolder } from '../../fixtures/runs';
import { cliArguments, commandsOf, hasBash, pages, shellBlocks } from '../docs/shell-blocks';

/** What a command that takes long is given in addition; those of a machine and of evenings are only parsed. */
const SHORTER: Readonly<Record<string, string>> = {
  bench: '--quick --only decode --models starter',
  mutate: '--share 0.01 --tests test/slot/adamw.test.ts',
  package: '--dir --electron-dist ../electron-runtime',
};
/** Executed by what runs all tests, or by a test that looks closer. */
const ELSEWHERE: Readonly<Record<string, { file: string; runs: string }>> = {
  'npm ci': { file: '.ci/run', runs: '\nnpm ci ' },
  'npm test': { file: '.ci/run', runs: ' npm test -- ' },
  'npm start': { file: 'test/electron/start.test.ts', runs: "spawn('npm', ['start', '--silent']" },
};

const folder = temporaryFolder();
const copy = join(folder, 'checkout');
const registry = createServer(({ url = '/' }, response) => {
  const path = decodeURIComponent(url.slice(1));
  const manifest = manifestOf(path);
  if (manifest) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(manifest));
  else response.writeHead(302, { location: `https://registry.npmjs.org/${path}` }).end();
});

/** Packages for Linux are made there; bash reads the pages. */
const readable = hasBash && process.platform === 'linux' ? pages() : [];
const lines = [
  ...new Set(
    readable
      .flatMap(shellBlocks)
      .filter(({ needs }) => needs === '' || needs === 'network')
      .flatMap((block) => commandsOf(block, folder).filter((command) => !cliArguments(command)))
      .filter(([program]) => program === 'npm' || program === 'npx')
      .map((command) => command.join(' ')),
  ),
];
const executed = lines.filter((line) => !(line in ELSEWHERE));

beforeAll(async () => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of listed.split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
  ])
    execFileSync('git', args, { cwd: copy });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  writeRuntime(join(folder, 'electron-runtime'), 'linux');
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
});
afterAll(() => registry.close());

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** As npm's registry describes a package. Its tarball lies in npm's cache by its hash, since `npm ci`. */
function manifestOf(name: string): object | null {
  const lock = Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const { version, integrity, dependencies } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined) return null;
  const tarball = `${addressOf(registry)}/${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
  const dist = { tarball, integrity };
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, dependencies, dist } },
  };
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${z.object({ port: z.int() }).parse(server.address()).port}`;
}

it.skipIf(readable.length === 0).each(Object.entries(ELSEWHERE))(
  '%s is executed elsewhere',
  (line, { file, runs }) => {
    expect(lines).toContain(line);
    expect(readFileSync(join(ROOT, file), 'utf8')).toContain(runs);
  },
);

it.each(executed)('%s', async (line) => {
  const [, script = ''] = /^npm run (\S+)/.exec(line) ?? [];
  const more =
    SHORTER[script] === undefined ? '' : `${line.includes(' -- ') ? '' : ' --'} ${SHORTER[script]}`;
  const child = spawn('bash', ['-c', line + more], {
    cwd: copy,
    detached: true,
    env: {
      ...process.env,
      npm_config_prefix: join(folder, 'global'),
      npm_config_registry: addressOf(registry),
      SLOT_STUDIO_DATA: join(folder, 'data'),
      SLOT_STUDIO_CACHE: join(folder, 'cache'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stopped = false;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      // What serves goes on until it is told to end.
      if (!stopped && / serve /.test(line) && /http:\/\/127\.0\.0\.1:\d+\/\?token=/.test(output)) {
        stopped = true;
        process.kill(-child.pid!, 'SIGTERM');
      }
    });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (stopped) return;
  expect(code, output).toBe(0);
});
