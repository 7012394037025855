/** Ctrl+C ends at once what the command line waits for, before there is anything to bring to an end. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { temporaryFolder } from '../../fixtures/runs';
import { readFamily } from '../checkpoint/families';
import { FIXTURES as EXPORTS } from '../exports/traces';
import { HubServer } from '../hub/server';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENDLESS = pathToFileURL(join(import.meta.dirname, 'fixtures/endless-opening.mjs')).href;
const folder = temporaryFolder();
let hub: HubServer;

beforeAll(async () => {
  hub = await HubServer.start({ 'some-org/starter': { folder: STARTER_FOLDER } });
});
afterAll(() => hub.stop());

function start(args: readonly string[], imported: readonly string[] = []) {
  const imports = ['tsx', ...imported].flatMap((each) => ['--import', each]);
  const child = spawn(process.execPath, [...imports, 'engine/cli/main.ts', ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_CACHE: join(folder, 'hub'),
      SLOT_STUDIO_DATA: join(folder, 'data'),
      SLOT_STUDIO_CACHE: join(folder, 'prepared'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  /** As a shell tells it. */
  const status = new Promise<number>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal!])),
  );
  return { child, status };
}

it.each([
  ['run', ['--prompt', 'hi']],
  ['run --prompt-file', ['--prompt-file', join(folder, 'prompt.txt')]],
])('%s, while onnxruntime opens the model', async (_, args) => {
  // Its final newline is counted, for which the model opens before the run.
  writeFileSync(join(folder, 'prompt.txt'), 'hi\n');
  const { child, status } = start(['run', ...args], [ENDLESS]);
  await new Promise((resolve) => child.stderr.once('data', resolve));
  child.kill('SIGINT');
  expect(await status).toBe(130);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'run, by %s, while a model is prepared: nothing is left',
  async (signal) => {
    const model = join(folder, `wide-${signal}`);
    writeWide(model);
    const { child, status } = start(['run', '--model', model, '--dtype', 'safetensors_q8', '--prompt', 'hi']);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill(signal);
    expect(await status).toBe(130);
    expect(readdirSync(join(folder, 'prepared')).filter((name) => !name.startsWith('.'))).toEqual([]);
  },
);

/** A Llama of 1.6 GB that takes no room on disk, and seconds to prepare. */
function writeWide(path: string): void {
  const [vocab, hidden, inner] = [400, 2048, 2 ** 16];
  const layer = 'model.layers.0';
  const attention = ['q', 'k', 'v', 'o'].map((part) => [
    `${layer}.self_attn.${part}_proj.weight`,
    [hidden, hidden],
  ]);
  const shapes: Record<string, number[]> = {
    'model.embed_tokens.weight': [vocab, hidden],
    ...Object.fromEntries(attention),
    [`${layer}.mlp.gate_proj.weight`]: [inner, hidden],
    [`${layer}.mlp.up_proj.weight`]: [inner, hidden],
    [`${layer}.mlp.down_proj.weight`]: [hidden, inner],
    [`${layer}.input_layernorm.weight`]: [hidden],
    [`${layer}.post_attention_layernorm.weight`]: [hidden],
    'model.norm.weight': [hidden],
  };
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const start = end;
      end += shape.reduce((product, dim) => product * dim, 4);
      return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  mkdirSync(path);
  const weights = join(path, 'model.safetensors');
  writeFileSync(weights, Buffer.concat([length, json]));
  truncateSync(weights, 8 + json.length + end);
  const config = {
    ...readFamily('llama').config,
    vocab_size: vocab,
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: 1,
    num_attention_heads: 16,
    num_key_value_heads: 16,
  };
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    copyFileSync(join(EXPORTS, 'llama', file), join(path, file));
  }
}

it.each([
  ['models search', ['starter']],
  ['models inspect', ['some-org/starter']],
])('%s, while the hub does not answer', async (command, args) => {
  const asked = new Promise<void>((resolve) => {
    hub.trouble = () => {
      resolve();
      return { hang: true };
    };
  });
  const { child, status } = start([...command.split(' '), ...args]);
  await asked;
  child.kill('SIGINT');
  expect(await status).toBe(130);
});
