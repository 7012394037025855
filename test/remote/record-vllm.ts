/**
 * Records what vLLM and the engine say to each other, for `vllm.test.ts`:
 *
 *   npx tsx test/remote/record-vllm.ts FAMILY FOLDER         writes the tiny checkpoint to be served
 *   integrations/vllm/checks/serve.sh FOLDER 8000 --dtype float32 --max-model-len 128 --api-key secret
 *   npx tsx test/remote/record-vllm.ts FAMILY FOLDER http://127.0.0.1:8000
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../engine/api/engine';
import { figures, readFamily, writeFamily } from '../checkpoint/families';
import { type Exchange, exchangeOf, Recorder, type Recording } from './recorded';

export const KEY = 'secret';
export const NEW_TOKENS = 12;
export const recordingOf = (family: string) =>
  join(import.meta.dirname, '..', 'fixtures', 'vllm', `${family}.json`);

const ASK = { model: 'model', prompt: [5, 6, 7], max_tokens: 2 };
/** By what is wrong with them: path, body, whether with the key. */
const REFUSED: Readonly<Record<string, readonly [path: string, body: unknown, hasKey: boolean]>> = {
  'no key': ['/v1/models', null, false],
  'another model': ['/v1/completions', { ...ASK, model: 'other' }, true],
  'too long': ['/v1/completions', { ...ASK, max_tokens: 1_000 }, true],
  'a long prompt': ['/v1/completions', { ...ASK, prompt: new Array(2_000).fill(5) }, true],
  'a delta of another size': ['/v1/completions', { ...ASK, vllm_xargs: { slot_delta: 'AAAAAA==' } }, true],
  'the same, streamed': [
    '/v1/completions',
    { ...ASK, stream: true, vllm_xargs: { slot_delta: 'AAAAAA==' } },
    true,
  ],
  'states that are gone': ['/v1/slot/hidden/cmpl-none', null, true],
  'a path it does not know': ['/v1/other', null, true],
};

async function main(family: string, folder: string, url?: string): Promise<void> {
  if (url === undefined) {
    writeFamily(folder, readFamily(family));
    // transformers 5 takes no whole number here.
    const config = join(folder, 'config.json');
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(/(softcapping":\d+)(?=[,}])/g, '$1.0'));
    return;
  }
  const recorder = await Recorder.start(url);
  const engine = createEngine({ dataFolder: mkdtempSync(join(tmpdir(), 'slot-record-')) });
  engine.setServerKey(recorder.address, KEY);
  await figures(engine, folder, 'short', NEW_TOKENS, 'safetensors', recorder.address);
  const refusals: Record<string, Exchange> = {};
  for (const [name, [path, body, hasKey]] of Object.entries(REFUSED)) {
    const method = body === null ? 'GET' : 'POST';
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { 'content-type': 'application/json', ...(hasKey && { authorization: `Bearer ${KEY}` }) },
      ...(body !== null && { body: JSON.stringify(body) }),
    });
    refusals[name] = await exchangeOf({ method, path, body, hasKey }, answer);
  }
  await engine.dispose();
  await recorder.stop();
  const slot = recorder.exchanges.find(({ path }) => path === '/v1/slot')!;
  const recording: Recording = { engine: slot.text!, family, run: recorder.exchanges, refusals };
  writeFileSync(recordingOf(family), `${JSON.stringify(recording).replaceAll('{"method"', '\n{"method"')}\n`);
}

if (process.argv[1] === import.meta.filename)
  await main(...(process.argv.slice(2) as [string, string, string?]));
