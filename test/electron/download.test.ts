/** Electron's first download: from a real server, through Electron's own downloader and install script. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchRuntime } from '../../electron/fetch-runtime';
import { FetchingLine } from '../../electron/fetching-line';
import { type DownloadOptions, downloadResumed } from '../../electron/resumed-download';
import { findRuntime } from '../../electron/runtime';
import { sourceEntry } from '../../engine/process/launch';
import * as mirrors from './mirror';
import { ROOT } from './support';

const { ARCHIVE, NAME } = mirrors;

let mirror: mirrors.Mirror;
let electron: ReturnType<typeof mirrors.electronPackage>;
let env: Record<string, string>;
beforeEach(async () => {
  mirror = await mirrors.startMirror();
  electron = mirrors.electronPackage();
  env = mirrors.downloadEnvironment(mirror);
  // Electron's downloader reads its mirror where it runs.
  vi.stubEnv('ELECTRON_MIRROR', mirror.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  electron.remove();
  await mirror.close();
});

const options = (more: Partial<DownloadOptions> = {}): DownloadOptions => ({
  signal: new AbortController().signal,
  onProgress: () => {},
  onCut: () => {},
  pauses: [1, 1],
  ...more,
});
const fetching = (more: Partial<DownloadOptions> = {}) =>
  fetchRuntime(electron.folder, env, options({ onProgress: (done) => mirror.arrived(done), ...more }));
const partial = () => join(electron.folder, `${NAME}.partial`);
const cached = () =>
  readdirSync(env.electron_config_cache!, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.zip'))
    .map((name) => readFileSync(join(env.electron_config_cache!, name)));

describe('the runtime', () => {
  it('is fetched, checked and unpacked, and fetched no second time', async () => {
    const machine = { env, platform: 'linux', isRoot: false, package: electron.folder } as const;
    const executable = join(electron.folder, 'dist', 'electron');
    expect(await findRuntime(machine)).toEqual({ executable });
    expect(readFileSync(executable, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(mirror.asked).toEqual([0]);
    const another = mirrors.electronPackage();
    expect(await findRuntime({ ...machine, package: another.folder })).toHaveProperty('executable');
    another.remove();
    expect(mirror.asked).toEqual([0]);
  });

  it('goes on from where it was cut, as often as bytes arrive', async () => {
    mirror.next.push(...[100, 50, 0, 30, 0, 20].map(mirrors.cutAfter));
    const onCut = vi.fn();
    const seen: [number, number | null][] = [];
    const onProgress = (done: number, total: number | null) => {
      seen.push([done, total]);
      mirror.arrived(done);
    };
    await fetching({ onCut, onProgress });
    expect(mirror.asked).toEqual([0, 100, 150, 150, 180, 180, 200]);
    expect(onCut).toHaveBeenCalledTimes(6);
    expect(cached()).toEqual([ARCHIVE]);
    expect(seen.at(-1)).toEqual([ARCHIVE.length, ARCHIVE.length]);
  });

  it('is given up where several attempts bring nothing, and what came is kept', async () => {
    mirror.next.push(...[100, 0, 0, 0].map(mirrors.cutAfter));
    await expect(fetching()).rejects.toThrow();
    expect(mirror.asked).toEqual([0, 100, 100]);
    mirror.next.length = 0;
    await fetching();
    expect(mirror.asked.at(-1)).toBe(100);
    expect(cached()).toEqual([ARCHIVE]);
    expect(existsSync(partial())).toBe(false);
  });

  it('is asked for anew where a connection falls silent', async () => {
    mirror.next.push(mirrors.stallsAfter(64), mirrors.stallsAfter(0));
    await fetching({ silence: 100 });
    expect(mirror.asked).toEqual([0, 64, 64]);
    expect(cached()).toEqual([ARCHIVE]);
  });

  it('may take any time, as long as it moves', async () => {
    // From a server without ranges a limit of the whole time would let it never come.
    mirror.next.push(...Array.from({ length: 10 }, () => mirrors.slowly(8, 200)));
    await fetching({ silence: 1_000 });
    expect(cached()).toEqual([ARCHIVE]);
  });

  it('begins anew where the server knows no ranges', async () => {
    mirror.next.push(mirrors.cutAfter(100), mirrors.slowly(1, 1));
    await fetching();
    expect(mirror.asked).toEqual([0, 100]);
    expect(cached()).toEqual([ARCHIVE]);
  });

  it.each([
    ['of another file', Buffer.alloc(60, 7), [60, 0]],
    ['that is whole', ARCHIVE, [ARCHIVE.length]],
    ['that is longer than the file', Buffer.alloc(ARCHIVE.length + 5), [ARCHIVE.length + 5, 0]],
  ])('is whole in the end from a part %s', async (_, bytes, asked) => {
    writeFileSync(partial(), bytes);
    await fetching();
    expect(mirror.asked).toEqual(asked);
    expect(cached()).toEqual([ARCHIVE]);
  });

  it('with a wrong checksum is no runtime, and leaves nothing to go on from', async () => {
    mirror.next.push(mirrors.damaged);
    await expect(fetching()).rejects.toThrow(/checksum/);
    expect(mirror.asked).toEqual([0]);
    expect(cached()).toEqual([]);
    expect(existsSync(partial())).toBe(false);
  });

  it('that came in parts with a wrong checksum is fetched once more, and no more than that', async () => {
    writeFileSync(partial(), ARCHIVE.subarray(0, 10));
    mirror.next.push(...Array.from({ length: 5 }, () => mirrors.damaged));
    await expect(fetching()).rejects.toThrow(/checksum/);
    expect(mirror.asked).toEqual([10, 0]);
  });

  it.each([
    [403, 1],
    [404, 1],
    // Nothing has come yet: whoever has no way to the server has the browser at once.
    [503, 1],
  ])('is not to be had from a server that answers %i', async (status, requests) => {
    mirror.next.push(...Array.from({ length: 5 }, () => mirrors.refuses(status)));
    await expect(fetching()).rejects.toThrow(`the server answered ${status}`);
    expect(mirror.asked).toHaveLength(requests);
  });

  it('is waited for where the server is busy in between', async () => {
    mirror.next.push(mirrors.cutAfter(10), mirrors.refuses(503), mirrors.refuses(429));
    await fetching({ pauses: [1, 1, 1] });
    expect(mirror.asked).toEqual([0, 10, 10, 10]);
  });

  it('leads to the browser, with the reason, where nobody answers', async () => {
    await mirror.close();
    const machine = { env, platform: 'linux', isRoot: false, package: electron.folder } as const;
    expect(await findRuntime(machine)).toEqual({
      reason: expect.stringMatching(
        /^The Electron runtime could not be downloaded \(connect ECONNREFUSED [\d.:]+\)$/,
      ),
    });
  });

  it('is let go of when told to, and kept as far as it came', async () => {
    mirror.next.push(mirrors.stallsAfter(64));
    const controller = new AbortController();
    const stopped = fetching({
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 64) setImmediate(() => controller.abort(new Error('enough')));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(mirror.asked).toEqual([0]);
    expect(readFileSync(partial())).toEqual(ARCHIVE.subarray(0, 64));
    expect(cached()).toEqual([]);
  });

  it('tells whether it came in one go', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'slot-download-')), 'file');
    expect(await downloadResumed(`${mirror.url}v99.0.0/${NAME}`, path, options())).toBe(false);
    expect(readFileSync(path)).toEqual(ARCHIVE);
  });
});

it.skipIf(process.platform === 'win32')('Ctrl+C during the download leads to the browser', async () => {
  mirror.next.push(mirrors.stallsAfter(64));
  const machine = { env, platform: 'linux', isRoot: false, package: electron.folder };
  const code =
    `import { findRuntime } from ${JSON.stringify(join(ROOT, 'electron', 'runtime.ts'))};` +
    `console.log(JSON.stringify(await findRuntime(${JSON.stringify(machine)})));`;
  const file = join(mkdtempSync(join(tmpdir(), 'slot-cancel-')), 'main.mts');
  writeFileSync(file, code);
  const { execArgv } = sourceEntry(file);
  const child = spawn(process.execPath, [...execArgv, file], { env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await expect.poll(() => existsSync(partial()) && readFileSync(partial()).length).toBe(64);
  child.kill('SIGINT');
  // npm passes on what the terminal has told its whole group.
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(JSON.parse(out)).toEqual({
    reason: 'The download of Electron was stopped; the next start goes on with it',
  });
  expect(err).toMatch(/^Fetching the Electron runtime, once: 0 B of 228 B\n/);
});

describe('the line of a terminal', () => {
  const drawn = (isTTY: boolean) => {
    const texts: string[] = [];
    let now = 0;
    const line = new FetchingLine({ isTTY, write: (text: string) => texts.push(text) > 0 }, () => now);
    return { texts, line, wait: (ms: number) => (now += ms) };
  };
  const MB = 1e6;

  it('is written over, with the time that is left, and gone in the end', () => {
    const { texts, line, wait } = drawn(true);
    line.progress(0, 120 * MB);
    wait(50);
    line.progress(1 * MB, 120 * MB);
    wait(950);
    line.progress(10 * MB, 120 * MB);
    line.cut();
    line.clear();
    const way = ' (Ctrl+C: go on in the browser)\u001b[K';
    expect(texts).toEqual([
      `\rFetching the Electron runtime, once: 0 B of 120 MB${way}`,
      `\rFetching the Electron runtime, once: 10 MB of 120 MB, 11 s left${way}`,
      `\rFetching the Electron runtime, once: the connection was cut, trying again${way}`,
      '\r\u001b[K',
    ]);
  });

  it('is one for each tenth where no terminal shows it', () => {
    const { texts, line, wait } = drawn(false);
    for (let done = 0; done <= 100; done += 5) {
      line.progress(done * MB, 100 * MB);
      wait(1_000);
    }
    line.clear();
    expect(texts).toHaveLength(11);
    expect(texts[5]).toBe('Fetching the Electron runtime, once: 50 MB of 100 MB, 10 s left\n');
  });
});
