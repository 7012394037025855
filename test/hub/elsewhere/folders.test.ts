/** Models in the folders of LM Studio and llama.cpp and in the Hugging Face cache, and where the tools keep theirs. */
import { chmodSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Elsewhere } from '../../../engine/hub/elsewhere/elsewhere';
import { places } from '../../../engine/hub/elsewhere/places';
import { holdsDecoder } from '../../../engine/hub/summary';
import { Tools } from './tools';

const tools = new Tools();

describe('where they lie', () => {
  it('is where the tools put them, by platform', () => {
    const home = join('/h');
    expect(places({}, 'linux', home)).toEqual({
      lmstudio: [join('/h/.lmstudio/models'), join('/h/.cache/lm-studio/models')],
      ollama: [
        join('/h/.ollama/models'),
        '/usr/share/ollama/.ollama/models',
        '/var/lib/ollama/.ollama/models',
        '/var/lib/ollama',
      ],
      llamacpp: [join('/h/.cache/llama.cpp')],
    });
    expect(places({}, 'darwin', home)).toMatchObject({
      ollama: [join('/h/.ollama/models')],
      llamacpp: [join('/h/Library/Caches/llama.cpp')],
    });
    expect(places({ LOCALAPPDATA: '/l' }, 'win32', home).llamacpp).toEqual([join('/l/llama.cpp')]);
    expect(places({ XDG_CACHE_HOME: '/x' }, 'linux', home).llamacpp).toEqual([join('/x/llama.cpp')]);
  });

  it('is where their variables say', () => {
    const said = places({ OLLAMA_MODELS: '/o', LLAMA_CACHE: '/c' }, 'linux', '/h');
    expect(said).toMatchObject({ ollama: ['/o'], llamacpp: ['/c'] });
  });
});

it('finds nothing, and says nothing, where no tool is', async () => {
  expect(await tools.entries()).toEqual([]);
});

describe('checkpoints in the Hugging Face cache', () => {
  const snapshot = (name: string, file: string) =>
    `hub/models--some-org--${name}/snapshots/${'a'.repeat(40)}/${file}`;

  it('are listed where they are of decoders', async () => {
    tools.put(
      snapshot('whole', 'config.json'),
      '{"model_type":"qwen2","architectures":["Qwen2ForCausalLM"]}',
    );
    tools.put(snapshot('whole', 'model.safetensors'), 'xyz');
    tools.put(snapshot('shards', 'config.json'), '{"model_type":"llama"}');
    const map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };
    tools.put(snapshot('shards', 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    tools.put(snapshot('shards', 'model-00001-of-00002.safetensors'), 'xyz');
    tools.put(snapshot('shards', 'model-00002-of-00002.safetensors'), 'wxyz');
    tools.put(snapshot('gguf', 'tiny-Q4_K_M.gguf'), 'GGUF4');
    tools.put(snapshot('gguf', 'mmproj-F16.gguf'));
    tools.put(
      snapshot('encoder', 'config.json'),
      '{"model_type":"bert","architectures":["BertForMaskedLM"]}',
    );
    tools.put(snapshot('encoder', 'model.safetensors'), 'xyz');
    const found = await tools.entries();
    const listed = found.map(({ name, family, dtypes: [first] }) => [name, family, first]);
    expect(listed).toEqual([
      ['some-org/gguf', null, { dtype: 'Q4_K_M', bytes: 5 }],
      ['some-org/shards', 'llama', { dtype: 'safetensors', bytes: 7 }],
      ['some-org/whole', 'qwen2', { dtype: 'safetensors', bytes: 3 }],
    ]);
    for (const { source, problem } of found)
      expect({ source, problem }).toEqual({ source: 'cache', problem: null });
  });
});

describe("LM Studio's", () => {
  it('are folders of GGUF files or safetensors, each quantisation a dtype', async () => {
    const path = dirname(tools.put('.lmstudio/models/some-org/Tiny-GGUF/tiny-Q4_K_M.gguf', 'GGUF4'));
    tools.put('.lmstudio/models/some-org/Tiny-GGUF/tiny-Q8_0.gguf', 'GGUF8888');
    tools.put('.lmstudio/models/some-org/Tiny-GGUF/mmproj-model-f16.gguf');
    const checkpoint = dirname(tools.put('.lmstudio/models/some-org/Plain/model.safetensors', 'xyz'));
    tools.put(
      '.lmstudio/models/some-org/Plain/config.json',
      '{"model_type":"llama","architectures":["LlamaForCausalLM"]}',
    );
    tools.put('.lmstudio/models/some-org/Encoder/model.safetensors', 'xyz');
    tools.put(
      '.lmstudio/models/some-org/Encoder/config.json',
      '{"model_type":"bert","architectures":["BertModel"]}',
    );
    tools.put('.lmstudio/models/some-org/Notes/README.md', 'hi');
    tools.put('.lmstudio/models/.DS_Store', 'x');
    tools.put('.lmstudio/models/file.gguf');
    tools.put('.lmstudio/models/some-org/file.gguf');

    const [plain, tiny, ...others] = await tools.entries();
    expect(others).toEqual([]);
    expect(tiny).toMatchObject({
      source: 'lmstudio',
      model: path,
      folder: path,
      name: 'some-org/Tiny-GGUF',
      family: null,
      dtypes: [
        { dtype: 'Q4_K_M', bytes: 5 },
        { dtype: 'Q8_0', bytes: 8 },
      ],
      bytes: 13,
      problem: null,
    });
    expect(plain).toMatchObject({ model: checkpoint, family: 'llama', problem: null });
    expect(plain?.dtypes[0]).toEqual({ dtype: 'safetensors', bytes: 3 });
  });

  it('are told where their folder leads to itself', async () => {
    tools.put('.lmstudio/models/other-org/Open/tiny-Q4_K_M.gguf');
    const loop = join(tools.home, '.lmstudio/models/loop');
    symlinkSync(loop, loop, 'junction');
    expect(await tools.entries()).toMatchObject([
      { folder: loop, dtypes: [], problem: { code: 'unreadable-folder' } },
      { name: 'other-org/Open', problem: null },
    ]);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'are told where they cannot be read',
    async () => {
      const path = dirname(tools.put('.lmstudio/models/some-org/Closed/tiny-Q4_K_M.gguf'));
      tools.put('.lmstudio/models/some-org/Open/tiny-Q4_K_M.gguf');
      chmodSync(path, 0);
      try {
        const [closed, open] = await tools.entries();
        expect(closed).toMatchObject({ folder: path, problem: { code: 'unreadable-folder' } });
        expect(open).toMatchObject({ name: 'some-org/Open', problem: null });
      } finally {
        chmodSync(path, 0o700);
      }
    },
  );
});

describe("llama.cpp's", () => {
  it('are files, those of a split model together', async () => {
    tools.put('llama/some-org_tiny_tiny-Q4_0.gguf', 'GGUF4');
    tools.put('llama/some-org_tiny_tiny-Q4_0.gguf.json', '{}');
    tools.put('llama/some-org_tiny_mmproj-tiny-f16.gguf');
    const first = tools.put('llama/big-Q8_0-00001-of-00002.gguf', 'GGUF1');
    tools.put('llama/big-Q8_0-00002-of-00002.gguf', 'GGUF22');
    tools.put('llama/half-F16.gguf.downloadInProgress');
    expect(await tools.entries()).toMatchObject([
      { source: 'llamacpp', name: 'big-Q8_0', model: first, dtypes: [{ dtype: 'Q8_0', bytes: 11 }] },
      { source: 'llamacpp', name: 'some-org_tiny_tiny-Q4_0', dtypes: [{ dtype: 'Q4_0', bytes: 5 }] },
    ]);
  });
});

it('looks into no folder twice through a link that leads back', () => {
  tools.put('.lmstudio/models/some-org/Tiny/tiny-Q4_K_M.gguf');
  const root = join(tools.home, '.lmstudio/models');
  symlinkSync(root, join(root, 'some-org', 'back'), 'junction');
  const found = new Elsewhere({ lmstudio: [root], ollama: [], llamacpp: [] }).list(holdsDecoder);
  expect(found.map(([, { name }]) => name)).toEqual(['some-org/Tiny']);
});
