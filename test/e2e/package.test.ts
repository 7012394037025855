/** Packages of every target, made on a stand-in for Electron's runtime: what is in them, and that their engine runs. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { extractAll, extractFile } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildIfStale, PROCESSES, WINDOW } from '../../electron/build';
import { checkEngineFiles, EngineFiles } from '../../electron/engine-files';
import { EngineLink } from '../../engine/process/engine-link';
import { EngineProcess } from '../../engine/process/engine-process';
import { bundledEntry } from '../../engine/process/launch';
import { writeRuntime } from '../../fixtures/electron-runtime';
import { makeIcons } from '../../packaging/icons';
import { makePackage } from '../../packaging/package';
import { FORMATS, nameOf, TARGETS, type Target } from '../../packaging/targets';
import { createEngineClient } from '../../renderer/engine/engine-client';
import { portTransport } from '../../renderer/engine/port-transport';
import { StandInWindow } from '../electron/stand-in/browser-window';
import { world } from '../electron/stand-in/world';
import { endEngines } from '../electron/support';
import { ARCHIVE, ENGINE, EXPECTED, MB } from '../packaging/contents';
import {
  archived,
  bytesBelow,
  filesBelow,
  headerHash,
  kindOf,
  ROOT,
  withoutHash,
} from '../packaging/packaged';
import { Inbox, openRequest } from '../process/support';

const scratch = mkdtempSync(join(tmpdir(), 'slot-package-'));
const output = join(scratch, 'packages');
const runtimeOf = ({ platform }: Target) => join(scratch, `electron-${platform}`);

beforeAll(async () => {
  await buildIfStale(ROOT, PROCESSES);
  await buildIfStale(ROOT, WINDOW);
  await makeIcons(ROOT);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Folder of the app, and of its resources. */
async function packaged(target: Target): Promise<{ folder: string; app: string; resources: string }> {
  const electronDist = runtimeOf(target);
  writeRuntime(electronDist, target.platform);
  const options = { root: ROOT, output, formats: [], electronDist, env: {} };
  const { folder, failed } = await makePackage(target, options);
  expect(failed).toEqual([]);
  if (target.platform !== 'darwin') {
    const name = target.platform === 'linux' ? 'slot-studio' : 'SLOT Studio.exe';
    return { folder, app: join(folder, name), resources: join(folder, 'resources') };
  }
  const app = join(folder, 'SLOT Studio.app');
  return { folder, app, resources: join(app, 'Contents', 'Resources') };
}

describe.each(TARGETS)('the package for $platform $arch', (target) => {
  const { binaries, below } = EXPECTED[nameOf(target)]!;
  let made: Awaited<ReturnType<typeof packaged>>;
  beforeAll(async () => {
    made = await packaged(target);
  });
  afterAll(() => {
    // The engine of this machine's kind is started further down.
    if (target.platform !== process.platform || target.arch !== process.arch)
      rmSync(made.folder, { recursive: true, force: true });
  });

  it('holds what it needs and nothing else', () => {
    const { resources } = made;
    expect(archived(join(resources, 'app.asar')).map(withoutHash).sort()).toEqual(ARCHIVE);
    const native = `node_modules/onnxruntime-node/bin/napi-v6/${target.platform}/${target.arch}`;
    const engine = [...ENGINE, ...binaries.map((name) => `${native}/${name}`)].sort();
    expect(filesBelow(join(resources, 'engine')).map(withoutHash).sort()).toEqual(engine);
    const rest = filesBelow(resources).filter((name) => !/^(engine\/|en\.lproj\/)/.test(name));
    const icon = target.platform === 'darwin' ? ['icon.icns'] : [];
    expect(rest).toEqual(
      ['app.asar', ...icon, 'licences/LICENSE.txt', 'licences/third-party-notices.txt'].sort(),
    );
    expect(filesBelow(made.folder).filter((name) => /\.(map|pem|key|ts|tsx)$|de\.pak/.test(name))).toEqual(
      [],
    );
    expect(bytesBelow(join(resources, 'engine'))).toBeLessThan(below);
    expect(readFileSync(join(resources, 'app.asar')).length).toBeLessThan(6 * MB);
  });

  it("has binaries of its own system's and processor's alone", () => {
    const engine = join(made.resources, 'engine');
    const kinds = filesBelow(engine).flatMap((name) => kindOf(join(engine, name)) ?? []);
    expect(kinds).toEqual(binaries.map(() => target));
  });

  it('lists in its archive what lies outside, by hash, and that fits', async () => {
    const archive = join(made.resources, 'app.asar');
    const text = extractFile(archive, 'dist/electron/engine-files.json').toString();
    const listed = EngineFiles.parse(JSON.parse(text));
    expect(Object.values(listed)).not.toContain(null);
    await checkEngineFiles(join(made.resources, 'engine'), listed);
  });

  it('has its fuses set', async () => {
    const { version: _, ...wire } = await getCurrentFuseWire(made.app);
    const [off, on] = ['0'.charCodeAt(0), '1'.charCodeAt(0)];
    expect(wire).toEqual({
      [FuseV1Options.RunAsNode]: off,
      [FuseV1Options.EnableCookieEncryption]: on,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
      [FuseV1Options.EnableNodeCliInspectArguments]: off,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
      [FuseV1Options.OnlyLoadAppFromAsar]: on,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: off,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
    });
  });

  // Electron reads it on these two alone.
  it.skipIf(target.platform === 'linux')("carries the hash of its archive's header", () => {
    const hash = headerHash(join(made.resources, 'app.asar'));
    if (target.platform === 'darwin') {
      const plist = readFileSync(join(made.app, 'Contents', 'Info.plist'), 'utf8');
      expect(plist).toMatch(new RegExp(`<key>ElectronAsarIntegrity</key>[^]*?<string>${hash}</string>`));
    } else {
      const resource = JSON.stringify([{ file: 'resources\\app.asar', alg: 'SHA256', value: hash }]);
      expect(readFileSync(made.app).includes(resource)).toBe(true);
    }
  });

  it.runIf(target.platform === 'darwin')('is offered for models and runs, not made their owner', () => {
    const plist = readFileSync(join(made.app, 'Contents', 'Info.plist'), 'utf8');
    for (const ending of ['gguf', 'jsonl']) {
      const type = `<string>${ending}</string>[^]*?<key>LSHandlerRank</key>\\s*<string>Alternate</string>`;
      expect(plist).toMatch(new RegExp(type));
    }
  });
});

const here = TARGETS.find(({ platform, arch }) => platform === process.platform && arch === process.arch);

describe.skipIf(here === undefined)('the package of this machine’s kind, away from the checkout', () => {
  let resources: string;
  beforeAll(async () => {
    resources = join(scratch, 'installed', 'resources');
    cpSync((await packaged(here!)).resources, resources, { recursive: true });
  });

  it('is made as an archive without a network, and without what would need one', async () => {
    vi.stubEnv('ELECTRON_BUILDER_COMPRESSION_LEVEL', '1');
    vi.stubEnv('ELECTRON_BUILDER_BINARIES_MIRROR', 'http://127.0.0.1:1/');
    vi.stubEnv('ELECTRON_BUILDER_CACHE', join(scratch, 'no-tools'));
    const archives = join(scratch, 'archives');
    const linux = TARGETS[0]!;
    const electronDist = runtimeOf(linux);
    writeRuntime(electronDist, 'linux');
    const formats = FORMATS.linux.filter((format) => format !== 'AppImage');
    const options = { root: ROOT, output: archives, formats, electronDist, env: {} };
    const { folder, files, failed } = await makePackage(linux, options);
    vi.unstubAllEnvs();
    expect(failed).toMatchObject([{ format: 'deb', isOutOfReach: true }]);
    const archive = files.find((file) => file.endsWith('.tar.gz'))!;
    const lines = execFileSync('tar', ['tzvf', archive], { encoding: 'utf8' }).trim().split('\n');
    const listed = lines.filter((line) => line.startsWith('-'));
    const top = basename(archive, '.tar.gz');
    expect(listed.map((line) => line.slice(line.indexOf(`${top}/`) + top.length + 1)).sort()).toEqual(
      filesBelow(folder).filter((name) => name !== 'resources/apparmor-profile'),
    );
    expect(listed.find((line) => line.endsWith('/slot-studio'))).toMatch(/^-rwxr-xr-x/);
  });

  const config = {
    prompt: { kind: 'chat' as const, messages: [{ role: 'user' as const, content: 'What is 2 plus 3?' }] },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 2 },
    ],
    generation: { maxNewTokens: 4 },
  };

  it('has an engine that answers a run on the starter model', async () => {
    const entry = bundledEntry(join(resources, 'engine', 'dist', 'electron', 'engine.js'));
    const engine = new EngineProcess({ entry });
    const inbox = new Inbox();
    const link = new EngineLink(engine, inbox.receive);
    await link.send(openRequest(1));
    expect(await inbox.answer(1)).toMatchObject({ ok: true, result: { id: 'starter' } });
    const params = { runId: 'packaged', save: false, config };
    await link.send({ kind: 'request', id: 2, method: 'run.start', params });
    expect(await inbox.end('packaged')).toMatchObject({ type: 'run.done' });
    await engine.stop();
  });

  // Electron reads files in an archive as if it were a folder: here it is one.
  it('has a main process that opens the window on that engine', async () => {
    const unpacked = join(scratch, 'unpacked');
    cpSync(join(resources, 'engine'), join(unpacked, 'engine'), { recursive: true });
    extractAll(join(resources, 'app.asar'), join(unpacked, 'app.asar'));
    world.userData = join(scratch, 'user');
    await import(join(unpacked, 'app.asar', 'dist', 'electron', 'main.js'));
    const page = await vi.waitUntil(() => StandInWindow.all[0]?.webContents.page, { timeout: 10_000 });
    const client = createEngineClient(portTransport(page.window as never));
    expect(await client.request('model.open', {})).toMatchObject({ id: 'starter' });
    const [engine] = world.utilityProcesses;
    expect(engine?.path).toBe(join(unpacked, 'engine', 'dist', 'electron', 'engine.js'));
    client.close();
    await endEngines();
  });

  it.each([
    ['changed', 'dist/electron/engine.js', (file: string) => appendFileSync(file, ' ')],
    ['missing', 'assets/starter/model/config.json', (file: string) => rmSync(file)],
    ['more', 'dist/electron/node_modules.js', (file: string) => writeFileSync(file, '')],
  ])('does not start where a file is %s', async (_, name, damage) => {
    const archive = join(resources, 'app.asar');
    const listed = EngineFiles.parse(
      JSON.parse(extractFile(archive, 'dist/electron/engine-files.json').toString()),
    );
    const engine = join(resources, 'engine');
    const kept = join(scratch, 'kept');
    if (name in listed) copyFileSync(join(engine, name), kept);
    damage(join(engine, name));
    await expect(checkEngineFiles(engine, listed)).rejects.toMatchObject({
      code: 'installation-damaged',
      message: expect.stringContaining(name),
    });
    if (name in listed) copyFileSync(kept, join(engine, name));
    else rmSync(join(engine, name));
    await checkEngineFiles(engine, listed);
  });
});
