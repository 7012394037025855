/** What the desktop shell does about a window that hangs, and what it keeps of what went wrong. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Incidents } from '../../electron/incidents';
import { Diagnostics, MAX_INCIDENTS } from '../../engine/protocol';
import { world } from './stand-in/world';
import { bridge, startDesktop, window } from './support';

const OLD = [{ at: '2026-01-01T00:00:00.000Z', text: 'an earlier start' }];

let end: () => Promise<void>;
beforeAll(async () => {
  end = await startDesktop((userData) => {
    writeFileSync(join(userData, 'incidents.json'), JSON.stringify(OLD));
  });
});
afterAll(() => end());

const read = async () => Diagnostics.parse(await bridge().readDiagnostics());
const texts = async () => (await read()).incidents.map(({ text }) => text);

describe('a window that does not answer', () => {
  beforeEach(() => {
    world.messageBoxes.length = 0;
  });

  it('is asked about once, and no more when it answers again', async () => {
    world.messageChoice = '';
    const { reloads } = window().webContents;
    window().emit('unresponsive');
    window().emit('unresponsive');
    expect(world.messageBoxes).toHaveLength(1);
    expect(world.messageBoxes[0]).toMatchObject({ message: 'The window does not answer.' });
    window().emit('responsive');
    await new Promise((resolve) => setImmediate(resolve));
    expect(window().webContents.reloads).toBe(reloads);
    // The next time it is asked about anew.
    world.messageChoice = 'Wait';
    window().emit('unresponsive');
    expect(world.messageBoxes).toHaveLength(2);
  });

  it('is loaded again where the user says so, in a process of its own', async () => {
    world.messageChoice = 'Reload';
    const { reloads } = window().webContents;
    window().emit('unresponsive');
    await expect.poll(() => window().webContents.reloads).toBe(reloads + 1);
    expect((await texts()).slice(-2)).toEqual([
      'The window did not answer.',
      "The window's process ended (crashed).",
    ]);
  });
});

describe('what went wrong', () => {
  it('is sent nowhere', () => {
    expect(world.crashReporter).toEqual({ uploadToServer: false });
  });

  it('outlives the app, and stands with versions, folders and crash dumps in the diagnostics', async () => {
    const dumps = join(world.userData, 'Crashpad', 'completed');
    mkdirSync(dumps, { recursive: true });
    writeFileSync(join(dumps, 'one.dmp'), Buffer.alloc(2_500));
    writeFileSync(join(dumps, 'metadata'), '');
    const { facts, folders, incidents } = await read();
    expect(facts.map(({ name }) => name)).toEqual(['Electron', 'Chromium', 'Node of Electron']);
    expect(facts.at(-1)?.value).toBe(process.versions.node);
    expect(folders).toEqual([
      { name: 'Window and incidents', path: world.userData },
      { name: 'Crash dumps', path: join(world.userData, 'Crashpad') },
    ]);
    expect(incidents[0]).toEqual(OLD[0]);
    expect(incidents.at(-1)?.text).toBe('A crash dump: one.dmp, 2.5 kB');
    expect(incidents).toHaveLength((JSON.parse(kept()) as unknown[]).length + 1);
  });

  const kept = () => readFileSync(join(world.userData, 'incidents.json'), 'utf8');

  it('is kept as far as it matters: the newest, cut to a length, and anew where the file is damaged', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'slot-incidents-')), 'sub', 'incidents.json');
    const incidents = new Incidents(file);
    expect(incidents.list()).toEqual([]);
    for (let i = 0; i <= MAX_INCIDENTS; i++) incidents.note(`incident ${i}`);
    expect(incidents.list()).toHaveLength(MAX_INCIDENTS);
    expect(incidents.list().at(-1)?.text).toBe(`incident ${MAX_INCIDENTS}`);
    writeFileSync(file, '{"half');
    incidents.note('x'.repeat(10_000));
    expect(incidents.list().map(({ text }) => text.length)).toEqual([2_000]);
  });

  it('costs nothing more where it cannot be kept', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'slot-incidents-')), 'file');
    writeFileSync(file, '');
    new Incidents(join(file, 'incidents.json')).note('no folder');
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
