/** What `models list` says of other tools' models: the name that each shows, and what opens it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { otherTools } from '../../fixtures/other-tools';
import { temporaryFolder } from '../../fixtures/runs';
import { cli } from './process';

const home = join(temporaryFolder(), 'home');
const env = { ...otherTools(home), HF_HOME: join(home, 'hf'), SLOT_STUDIO_DATA: join(home, 'data') };

function put(path: string, content = 'GGUF'): string {
  const at = join(home, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, content);
  return at;
}

it('lists them with what --model takes', async () => {
  const hash = 'ab'.repeat(32);
  const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${hash}` }];
  put(`ollama/blobs/sha256-${hash}`);
  put('ollama/manifests/registry.ollama.ai/library/own/1b', JSON.stringify({ layers }));
  const studio = dirname(put('.lmstudio/models/some one/own-GGUF/own-Q4_0.gguf'));
  const llama = put('llama/mine-Q8_0.gguf');
  const { stdout } = await cli(['models', 'list'], env);
  expect(stdout).toContain(`some one/own-GGUF  LM Studio\n  --model    ${studio}\n  Q4_0       4 B\n`);
  expect(stdout).toContain('own:1b  Ollama\n  --model    ollama:own:1b\n');
  expect(stdout).toContain(`mine-Q8_0  llama.cpp\n  --model    ${llama}\n`);
  expect(stdout).toMatch(/^starter {2}llama\n {2}fp32 /);
});
