/** Ollama's models: listed and opened by the names that its command takes. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Elsewhere } from '../../../engine/hub/elsewhere/elsewhere';
import { HASH, layer, OTHER, Tools, WEIGHTS } from './tools';

const tools = new Tools();

describe("Ollama's", () => {
  const config = { config: { mediaType: 'x', digest: `sha256:${OTHER}` } };

  it('are listed by the names that its command takes', async () => {
    const blob = tools.put(`ollama/blobs/sha256-${HASH}`, 'GGUF1234');
    tools.put(`ollama/blobs/sha256-${OTHER}`, '{"model_family":"llama","file_type":"Q4_K_M"}');
    tools.manifest(
      'registry.ollama.ai/library/llama3.2/1b',
      [layer(HASH), layer(OTHER, 'application/x.template')],
      config,
    );
    tools.manifest('registry.ollama.ai/someone/own/latest', [layer(HASH)]);
    tools.manifest('hf.co/some-org/Tiny-GGUF/Q4_K_M', [layer(HASH)]);
    if (process.platform !== 'win32') {
      tools.manifest('localhost:5000/some/own/7b', [layer(HASH)]);
      tools.manifest('hf.co/some-org/Tiny-GGUF/no:tag', [layer(HASH)]);
    }
    const found = await tools.entries();
    const withPort = found.filter(({ name }) => name === 'localhost:5000/some/own:7b');
    expect(withPort).toHaveLength(process.platform === 'win32' ? 0 : 1);
    expect(found.filter((each) => !withPort.includes(each))).toMatchObject([
      { source: 'ollama', name: 'hf.co/some-org/Tiny-GGUF:Q4_K_M', family: null },
      {
        source: 'ollama',
        name: 'llama3.2:1b',
        model: 'ollama:llama3.2:1b',
        folder: blob,
        family: 'llama',
        bytes: 8,
        problem: null,
      },
      { source: 'ollama', name: 'someone/own:latest', model: 'ollama:someone/own:latest' },
    ]);
  });

  it('say in one line why they cannot be opened', async () => {
    tools.put(`ollama/blobs/sha256-${HASH}`);
    tools.manifest('registry.ollama.ai/library/adapted/latest', [
      layer(HASH),
      layer(HASH, 'application/vnd.ollama.image.adapter'),
    ]);
    tools.manifest('registry.ollama.ai/library/gone/latest', [layer(OTHER)]);
    tools.manifest('registry.ollama.ai/library/none/latest', []);
    tools.manifest('registry.ollama.ai/library/out/latest', [
      { mediaType: WEIGHTS, digest: 'sha256:../../../etc/passwd' },
    ]);
    tools.put('ollama/manifests/registry.ollama.ai/library/text/latest', 'x'.repeat(2 ** 17));
    tools.put('ollama/manifests/registry.ollama.ai/library/words/latest', 'words');
    const found = await tools.entries();
    expect(found.map(({ name, problem }) => [name, problem?.code])).toEqual([
      ['adapted:latest', 'unsupported-checkpoint'],
      ['gone:latest', 'missing-file'],
      ['none:latest', 'unsupported-checkpoint'],
      ['out:latest', 'malformed-json'],
      ['text:latest', 'oversized-file'],
      ['words:latest', 'unreadable-file'],
    ]);
    for (const { problem } of found) expect(problem?.message).not.toContain('\n');
    expect(found[1]?.problem?.hint).toBe('Get it again with: ollama pull gone:latest');
  });

  it('are found by a name as it is typed', () => {
    const root = join(tools.home, 'ollama');
    const elsewhere = new Elsewhere({ lmstudio: [], llamacpp: [], ollama: [join(tools.home, 'none'), root] });
    const blob = tools.put(`ollama/blobs/sha256-${HASH}`);
    tools.manifest('registry.ollama.ai/library/llama3.2/latest', [layer(HASH)]);
    tools.manifest('registry.ollama.ai/someone/own/7b', [layer(HASH)]);
    tools.manifest('hf.co/some-org/Tiny/Q8_0', [layer(HASH)]);
    for (const name of [
      'ollama:llama3.2',
      'ollama:llama3.2:latest',
      'ollama:library/llama3.2',
      'ollama:someone/own:7b',
      'ollama:hf.co/some-org/Tiny:Q8_0',
    ])
      expect(elsewhere.ollama(name).folder).toBe(blob);
    for (const name of [
      'ollama:',
      'ollama:../../x',
      'ollama:a/b/c/d',
      'ollama:a:b:c',
      'ollama:a/..:x',
      'ollama:a:..',
    ])
      expect(() => elsewhere.ollama(name)).toThrow("is not a name of Ollama's");
    expect(() => elsewhere.ollama('ollama:someone/own')).toThrow('Ollama has no someone/own:latest');
  });
});
