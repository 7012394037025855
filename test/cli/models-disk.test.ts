/** `models pull` on disks that fail and beside another one: what is said, what is kept, and that it goes on. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { temporaryFolder } from '../../fixtures/runs';
import { filesBelow } from '../hub/cached';
import { HubServer } from '../hub/server';
import { cli } from './process';

const folder = temporaryFolder();
const home = join(folder, 'home');
const cache = join(home, 'hub');
const ID = 'some-org/starter';
const ONNX = 'onnx/model.onnx';
const whole = statSync(join(STARTER_FOLDER, ONNX)).size;

let server: HubServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  server = await HubServer.start({ [ID]: { folder: STARTER_FOLDER } });
  env = { HF_HOME: home, HF_ENDPOINT: server.endpoint, SLOT_STUDIO_DATA: join(folder, 'data') };
});
afterAll(() => server.stop());
beforeEach(() => {
  rmSync(home, { recursive: true, force: true });
  rmSync(join(folder, 'data'), { recursive: true, force: true });
  server.asked.length = 0;
});

const pull = (launcher: readonly string[] = []) => cli(['models', 'pull', ID], env, () => {}, launcher);

it('twice at once: both end well, and leave nothing half-written', async () => {
  const ends = await Promise.all([pull(), pull()]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  const left = filesBelow(cache).filter((path) => /incomplete|partial/.test(path));
  expect(left).toEqual([]);
  expect((await cli(['models', 'inspect', ID], env)).stdout).toMatch(/verdict +supported/);
});

describe.skipIf(process.platform === 'win32')('on a disk', () => {
  it('that takes no large files: says so, keeps every byte, and goes on elsewhere', async () => {
    const failed = await pull(['bash', '-c', 'ulimit -f 4096; exec "$@"', 'bash']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^error: no file may be so large where .*blobs is\. Choose a smaller dtype/m,
    );
    expect((await pull()).code).toBe(0);
    // To the byte where the limit was.
    expect(server.asked.at(-1)).toMatchObject({ range: `bytes=${4096 * 1024}-`, sent: whole - 4096 * 1024 });
  });

  it('that may not be written: says so, and how to go elsewhere', async () => {
    mkdirSync(cache, { recursive: true });
    mkdirSync(join(folder, 'data'));
    for (const open of [folder, home]) chmodSync(open, 0o755);
    chmodSync(join(folder, 'data'), 0o777);
    chmodSync(cache, 0o555);
    // Root may write everywhere.
    const isRoot = process.getuid?.() === 0;
    const failed = await pull(isRoot ? ['setpriv', '--reuid=65534', '--clear-groups'] : []);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^error: .*may not be written\. Change its permissions, or set HF_HOME/m);
    expect(readdirSync(cache)).toEqual([]);
  });

  const inNamespace = ['unshare', '-Urm'];
  const canMount = () => spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

  it.runIf(canMount())(
    'that fills: says so, keeps what has arrived, and goes on when there is room',
    async () => {
      mkdirSync(cache, { recursive: true });
      // Room for as many files as there are configs: a file system without any left is as full as one without bytes.
      const script = [
        `mount -t tmpfs -o size=64m,nr_inodes=7 none ${cache}`,
        '"$@"; echo "code $?"',
        `mount -o remount,nr_inodes=1000 ${cache}`,
        '"$@"; echo "code $?"',
        `ls -R ${cache}`,
      ].join('\n');
      const { stdout, stderr } = await pull([...inNamespace, 'bash', '-c', script, 'bash']);
      expect(stderr).toMatch(/^error: the disk is full where .*blobs is\. Free some space and pull again/m);
      expect(stdout).toMatch(/code 1\nsome-org\/starter: 5 files, .*here already\ndone\ncode 0\n/);
      expect(stdout).not.toMatch(/incomplete/);
    },
  );
});
