/** The bundles themselves, with the real engine and the starter model: as near to Electron as Node can get. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { EngineLink } from '../../engine/process/engine-link';
import { EngineProcess } from '../../engine/process/engine-process';
import { bundledEntry } from '../../engine/process/launch';
import type { RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { createEngineClient } from '../../renderer/engine/engine-client';
import { portTransport } from '../../renderer/engine/port-transport';
import { Inbox, openRequest } from '../process/support';
import type { StandInWindow } from './stand-in/browser-window';
import { world } from './stand-in/world';
import { bundle, endEngines } from './support';

let folder: string;
beforeAll(async () => {
  world.userData = mkdtempSync(join(tmpdir(), 'slot-user-'));
  folder = await bundle('main', 'engine', 'cli', 'preload');
});
afterAll(async () => {
  await endEngines();
  rmSync(folder, { recursive: true, force: true });
});

it('the main process opens the window, whose page runs SLOT on the starter model', async () => {
  // Vitest puts the stand-in where this bundle imports electron.
  await import(join(folder, 'main.js'));
  const { StandInWindow: Window } = await import('./stand-in/browser-window');
  const [window] = await vi.waitUntil(() => Window.all[0] !== undefined && (Window.all as StandInWindow[]));
  const page = await vi.waitUntil(() => window!.webContents.page);
  expect(window!.options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true });

  const client = createEngineClient(portTransport(page.window as never));
  const events: RunEvent[] = [];
  client.onEvent((_, event) => events.push(event));
  let state = '';
  client.onEngineState((next) => {
    state = next.state;
  });
  await expect.poll(() => state, { timeout: 20_000 }).toBe('ready');
  expect(world.utilityProcesses[0]).toMatchObject({ path: join(folder, 'engine.js') });
  expect(await client.request('model.open', {})).toMatchObject({ id: 'starter', hasChatTemplate: true });
  const prompt = {
    kind: 'chat' as const,
    messages: [{ role: 'user' as const, content: 'What is 2 plus 3?' }],
  };
  const lanes = [
    { name: 'baseline', steps: 0 },
    { name: 'slot', steps: 3 },
  ];
  const config = { prompt, lanes, generation: { maxNewTokens: 8 } };
  await client.request('run.start', { runId: 'bundle', save: false, config });
  await expect.poll(() => events.at(-1)?.type, { timeout: 20_000 }).toBe('run.done');
  const losses = events.flatMap((event) => (event.type === 'slot.step' ? [event.loss] : []));
  expect(losses).toHaveLength(3);
  expect(losses[2]).toBeLessThan(losses[0]!);
  // Vectors travel as they are.
  const read = await client.request('shift.read', { runId: 'bundle', lane: 'slot', step: 2 });
  expect(read.shift).toBeInstanceOf(Float32Array);
  client.close();
});

it('the main process has no way to a network: it looks for no update, and answers no links of its own', () => {
  const code = readdirSync(folder)
    .filter((name) => /^main(-.*)?\.js$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const imported = [...code.matchAll(/^import (.*) from "([^"]+)";$/gm)].map(([, names, from]) => ({
    names: names!.match(/\w+/g)!,
    from: from!,
  }));
  const reaching = /^(node:)?(net|http|http2|https|tls|dgram|dns)(\/|$)/;
  expect(imported.length).toBeGreaterThan(3);
  expect(imported.filter(({ from }) => reaching.test(from))).toEqual([]);
  const ofElectron = imported.filter(({ from }) => from === 'electron').flatMap(({ names }) => names);
  expect(ofElectron).toContain('BrowserWindow');
  expect(ofElectron.filter((name) => ['net', 'autoUpdater', 'inAppPurchase'].includes(name))).toEqual([]);
  expect(code).not.toMatch(/\bfetch\(|setAsDefaultProtocolClient|new WebSocket\b/);
});

it('the preload script asks for nothing but electron', () => {
  const required = readFileSync(join(folder, 'preload.cjs'), 'utf8').match(/require\([^)]*\)/g);
  expect(required).toEqual(['require("electron")']);
});

it('the engine runs as plain JavaScript, finds the starter model, and runs one with a float16 cache', async () => {
  const half = writeDecoder(mkdtempSync(join(tmpdir(), 'slot-half-')), {
    dtype: 'float16',
    layers: 1,
  }).folder;
  const engine = new EngineProcess({ entry: bundledEntry(join(folder, 'engine.js')) });
  const inbox = new Inbox();
  const link = new EngineLink(engine, inbox.receive);
  await link.send(openRequest(1));
  expect(await inbox.answer(1)).toMatchObject({ ok: true, result: { id: 'starter' } });
  const config = {
    model: { folder: half },
    prompt: { kind: 'raw', text: 'Count to three.' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 1 },
    ],
    generation: { maxNewTokens: 4, ignoreEos: true },
  };
  const params = { runId: 'half', save: false, config };
  await link.send({ kind: 'request', id: 2, method: 'run.start', params });
  expect(await inbox.end('half')).toMatchObject({ type: 'run.done' });
  expect(inbox.events('half').filter(({ type }) => type === 'token')).toHaveLength(8);
  await engine.stop();
  rmSync(half, { recursive: true });
});

it('the grading thread runs as plain JavaScript', async () => {
  const thread = new Worker(join(folder, 'grade-thread.js'));
  const message = () => new Promise((resolve) => thread.once('message', resolve));
  expect(await message()).toBe('ready');
  thread.postMessage({ kind: 'math', gold: '$\\frac{1}{2}$', answer: '\\boxed{0.5}', place: 'anywhere' });
  expect(await message()).toEqual({ extracted: '0.5', verdict: 'right' });
  await thread.terminate();
});

it('the thread that prepares weights runs as plain JavaScript', async () => {
  const source = join(folder, 'floats.bin');
  const file = join(folder, 'weights.bin');
  writeFileSync(source, new Uint8Array(Float32Array.from({ length: 32 }, (_, i) => i - 15.5).buffer));
  writeFileSync(file, '');
  const chunk = {
    source: { file: source, offset: 0, length: 128 },
    type: 'F32',
    bits: 8,
    codes: { file, offset: 0, length: 32 },
    scales: { file, offset: 64, length: 4 },
  };
  const thread = new Worker(join(folder, 'prepare-thread.js'));
  const answer = new Promise((resolve) => thread.once('message', resolve));
  thread.postMessage({ kind: 'convert', chunk, file });
  expect(await answer).toEqual({ checksum: expect.any(Number) });
  // The largest weight has the code of 127 steps.
  expect(readFileSync(file)[0]).toBe(1);
  await thread.terminate();
});

it('the command line and its server run as plain JavaScript', async () => {
  const child = spawn(process.execPath, [join(folder, 'cli.js'), 'serve', '--no-open'], {
    cwd: tmpdir(),
    stdio: 'pipe',
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  await expect.poll(() => out, { timeout: 20_000 }).toMatch(/^SLOT Studio: open http:\S+ in a browser/);
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
