/** `models` as a process, against a hub-shaped server: killed in the middle, resumed, listed, run, deleted. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STARTER_FOLDER } from '../../engine/api/engine';
import type { Pull, RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { otherTools } from '../../fixtures/other-tools';
import { temporaryFolder } from '../../fixtures/runs';
import { HubServer } from '../hub/server';
import { cli, type Finished } from './process';

const folder = temporaryFolder();
const ID = 'some-org/starter';
const ONNX = 'onnx/model.onnx';
const whole = statSync(join(STARTER_FOLDER, ONNX)).size;
const cut = Math.floor(0.3 * whole);
const RUN = ['run', '--prompt', 'Tom has 3 apples. How many?', '--max-new-tokens', '8', '--json'];

let server: HubServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const { folder: capped } = writeDecoder(join(folder, 'capped'), { tail: [{ op: 'cap', at: 30 }] });
  server = await HubServer.start({
    [ID]: { folder: STARTER_FOLDER },
    'some-org/capped': { folder: capped },
  });
  env = {
    ...otherTools(join(folder, 'nobody')),
    HF_HOME: join(folder, 'home'),
    HF_ENDPOINT: server.endpoint,
    SLOT_STUDIO_DATA: join(folder, 'data'),
  };
});
afterAll(() => server.stop());
beforeEach(() => {
  server.trouble = () => undefined;
});

/** Sends nothing more of the weights after 30 %. */
function stall(): void {
  server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes(ONNX) ? { stallAfter: cut } : undefined;
}

function lines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Runs a pull, and signals it once 30 % of the weights have arrived. */
function interruptedPull(signal: NodeJS.Signals): Promise<Finished> {
  let sent = false;
  return cli(['models', 'pull', ID, '--json'], env, (child, stdout) => {
    if (sent) return;
    const last = lines(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).at(-1) as Pull | undefined;
    if (last?.files.some(({ path, done }) => path === ONNX && done === cut)) sent = child.kill(signal);
  });
}

function answer(stdout: string): unknown {
  const events = lines(stdout) as unknown as RunEvent[];
  return events.filter((event) => event.type === 'lane.done').map(({ lane, ids }) => ({ lane, ids }));
}

const names = async () =>
  lines((await cli(['models', 'list', '--json'], env)).stdout).map(({ name }) => name);

describe('a download that is cut at 30 %', () => {
  it('goes on where it was killed, is verified, listed, and answers', async () => {
    stall();
    expect((await interruptedPull('SIGKILL')).code).toBeNull();
    const listed = lines((await cli(['models', 'list', '--json'], env)).stdout);
    expect(listed).toMatchObject([
      { type: 'model', name: 'starter' },
      {
        type: 'pull',
        id: ID,
        state: 'paused',
        files: expect.arrayContaining([{ path: ONNX, bytes: whole, done: cut }]),
      },
    ]);

    server.trouble = () => undefined;
    // As it is copied from the browser.
    const again = await cli(['models', 'pull', `${server.endpoint}/${ID}/tree/main`], env);
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/^(\d+ % of 14\.\d MB.*\n)*$/);
    expect(again.stdout).toMatch(
      /^some-org\/starter: 5 files, 14\.\d MB, 4\.\d+ MB of it here already\ndone\n$/,
    );
    // The second process asked for the rest, and not a byte of the weights was sent twice.
    expect(server.asked.at(-1)?.range).toBe(`bytes=${cut}-`);
    expect(server.served(ONNX)).toBe(whole);

    expect(await names()).toEqual(['starter', ID]);
    const card = async (...more: string[]) =>
      lines((await cli(['models', 'inspect', ID, '--json', ...more], env)).stdout)[0];
    expect(await card('--revision', 'main')).toMatchObject({ type: 'card', source: 'cache', fetched: 0 });
    expect(await card('--on-hub')).toMatchObject({ type: 'card', source: 'hub', refusal: null });
    const own = await cli([...RUN, '--model', ID], env);
    expect(own.code).toBe(0);
    expect(answer(own.stdout)).toEqual(answer((await cli(RUN, env)).stdout));
  });

  it('is deleted with what it frees', async () => {
    const removed = await cli(['models', 'rm', ID, '--json'], env);
    const [line] = lines(removed.stdout);
    expect(line).toMatchObject({ type: 'removed', id: ID, dtype: null });
    expect(line?.freed).toBeGreaterThan(whole);
    expect(await names()).toEqual(['starter']);
  });

  it('tells how far it is where no terminal shows it, pauses at Ctrl+C, and says how to go on', async () => {
    stall();
    let sent = false;
    const paused = await cli(['models', 'pull', ID], env, (child, _, stderr) => {
      if (!sent && stderr.includes('\n')) sent = child.kill('SIGINT');
    });
    expect(paused.code).toBe(130);
    expect(paused.stdout).toMatch(/^some-org\/starter: 5 files, 14\.\d MB\n$/);
    const [progress, ...rest] = paused.stderr.split('\n');
    expect(progress).toMatch(/^[123]\d % of 14\.\d MB/);
    expect(rest.at(-2)).toBe(`paused. What has arrived is kept; go on with: models pull ${ID}`);
    const { stdout } = await cli(['models', 'list'], env);
    expect(stdout).toMatch(
      /\nsome-org\/starter {2}paused, [123]\d % of 14\.\d MB\n {2}go on with: models pull/,
    );
    expect((await cli(['models', 'rm', ID], env)).stdout).toMatch(
      /^deleted some-org\/starter: [\d.]+ MB freed\n$/,
    );
  });
});

it('keeps nothing of a wrong checksum, and exits with 1', async () => {
  server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes(ONNX) ? { content: Buffer.alloc(whole) } : undefined;
  const failed = await cli(['models', 'pull', ID], env);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^error: onnx\/model\.onnx does not arrive as the hub lists it.*\n$/m);
  expect(await names()).not.toContain(ID);
  await cli(['models', 'rm', ID], env);
});

it('prints a card to read: what the model is, its head as a chain, and the verdict', async () => {
  const card = await cli(['models', 'inspect', join(folder, 'capped')], env);
  expect(card.code).toBe(0);
  expect(card.stdout).toContain('hidden → MatMul(Transpose) → Div 30 → Tanh → Mul 30 → logits');
  expect(card.stdout).toMatch(/verdict +supported/);
});

it('finds models by words', async () => {
  const found = await cli(['models', 'search', 'some-org/cap', '--json'], env);
  expect(lines(found.stdout)).toMatchObject([{ type: 'hub.model', id: 'some-org/capped', isCached: false }]);
});

it('has models to begin with, small to large, with their sizes', async () => {
  const { stdout } = await cli(['models', 'search'], env);
  expect(stdout.split('\n')[0]).toMatch(/^\S+\/\S+ +fp32 +[\d.]+ [MG]B .*q4 +[\d.]+ [MG]B /);
  const first = lines((await cli(['models', 'search', '--json'], env)).stdout)[0];
  expect(first).toMatchObject({ type: 'curated.model', id: stdout.split(' ')[0], isCached: false });
});

it('exits with 2 for a model that was not pulled, and says how to get it', async () => {
  const refused = await cli([...RUN, '--model', ID], env);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toBe(
    `error: ${ID} is neither a folder nor a model in the cache. Download it in Models, or with: models pull ${ID} [not-cached]\n`,
  );
});
