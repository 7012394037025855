/** Models that LM Studio, Ollama and llama.cpp keep: found by their folders, opened by path or by Ollama's names. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../engine/api/engine';
import { Elsewhere } from '../../engine/hub/elsewhere/elsewhere';
import { places } from '../../engine/hub/elsewhere/places';
import { holdsDecoder } from '../../engine/hub/summary';
import type { ModelEntry } from '../../engine/protocol';
import { otherTools } from '../../fixtures/other-tools';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
let made = 0;
let home: string;
let engine: Engine;

beforeEach(() => {
  home = join(folder, `home-${made++}`);
  mkdirSync(home);
  for (const [name, value] of Object.entries(otherTools(home))) vi.stubEnv(name, value);
  vi.stubEnv('HF_HUB_CACHE', join(home, 'hub'));
  engine = testEngine(join(home, 'data'));
});

function put(path: string, content: string | Uint8Array = 'GGUF'): string {
  const at = join(home, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, content);
  return at;
}

async function entries(): Promise<ModelEntry[]> {
  const { models } = await engine.query('models.list', {});
  return models.filter(({ source }) => source !== 'starter');
}

const inspect = (model: string) =>
  engine.query('models.inspect', { model, dtype: null, revision: null, onHub: false });

const HASH = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const WEIGHTS = 'application/vnd.ollama.image.model';

function manifest(path: string, layers: object[], more: object = {}): void {
  put(`ollama/manifests/${path}`, JSON.stringify({ schemaVersion: 2, layers, ...more }));
}

const layer = (hash: string, mediaType = WEIGHTS) => ({ mediaType, digest: `sha256:${hash}`, size: 4 });

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
  expect(await entries()).toEqual([]);
});

describe('checkpoints in the Hugging Face cache', () => {
  const snapshot = (name: string, file: string) =>
    `hub/models--some-org--${name}/snapshots/${'a'.repeat(40)}/${file}`;

  it('are listed where they are of decoders', async () => {
    put(snapshot('whole', 'config.json'), '{"model_type":"qwen2","architectures":["Qwen2ForCausalLM"]}');
    put(snapshot('whole', 'model.safetensors'), 'xyz');
    put(snapshot('shards', 'config.json'), '{"model_type":"llama"}');
    const map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };
    put(snapshot('shards', 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    put(snapshot('shards', 'model-00001-of-00002.safetensors'), 'xyz');
    put(snapshot('shards', 'model-00002-of-00002.safetensors'), 'wxyz');
    put(snapshot('gguf', 'tiny-Q4_K_M.gguf'), 'GGUF4');
    put(snapshot('gguf', 'mmproj-F16.gguf'));
    put(snapshot('encoder', 'config.json'), '{"model_type":"bert","architectures":["BertForMaskedLM"]}');
    put(snapshot('encoder', 'model.safetensors'), 'xyz');
    const found = await entries();
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
    const path = dirname(put('.lmstudio/models/some-org/Tiny-GGUF/tiny-Q4_K_M.gguf', 'GGUF4'));
    put('.lmstudio/models/some-org/Tiny-GGUF/tiny-Q8_0.gguf', 'GGUF8888');
    put('.lmstudio/models/some-org/Tiny-GGUF/mmproj-model-f16.gguf');
    const checkpoint = dirname(put('.lmstudio/models/some-org/Plain/model.safetensors', 'xyz'));
    put(
      '.lmstudio/models/some-org/Plain/config.json',
      '{"model_type":"llama","architectures":["LlamaForCausalLM"]}',
    );
    put('.lmstudio/models/some-org/Encoder/model.safetensors', 'xyz');
    put(
      '.lmstudio/models/some-org/Encoder/config.json',
      '{"model_type":"bert","architectures":["BertModel"]}',
    );
    put('.lmstudio/models/some-org/Notes/README.md', 'hi');
    put('.lmstudio/models/.DS_Store', 'x');
    put('.lmstudio/models/file.gguf');
    put('.lmstudio/models/some-org/file.gguf');

    const [plain, tiny, ...others] = await entries();
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
    put('.lmstudio/models/other-org/Open/tiny-Q4_K_M.gguf');
    const loop = join(home, '.lmstudio/models/loop');
    symlinkSync(loop, loop, 'junction');
    expect(await entries()).toMatchObject([
      { folder: loop, dtypes: [], problem: { code: 'unreadable-folder' } },
      { name: 'other-org/Open', problem: null },
    ]);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'are told where they cannot be read',
    async () => {
      const path = dirname(put('.lmstudio/models/some-org/Closed/tiny-Q4_K_M.gguf'));
      put('.lmstudio/models/some-org/Open/tiny-Q4_K_M.gguf');
      chmodSync(path, 0);
      try {
        const [closed, open] = await entries();
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
    put('llama/some-org_tiny_tiny-Q4_0.gguf', 'GGUF4');
    put('llama/some-org_tiny_tiny-Q4_0.gguf.json', '{}');
    put('llama/some-org_tiny_mmproj-tiny-f16.gguf');
    const first = put('llama/big-Q8_0-00001-of-00002.gguf', 'GGUF1');
    put('llama/big-Q8_0-00002-of-00002.gguf', 'GGUF22');
    put('llama/half-F16.gguf.downloadInProgress');
    expect(await entries()).toMatchObject([
      { source: 'llamacpp', name: 'big-Q8_0', model: first, dtypes: [{ dtype: 'Q8_0', bytes: 11 }] },
      { source: 'llamacpp', name: 'some-org_tiny_tiny-Q4_0', dtypes: [{ dtype: 'Q4_0', bytes: 5 }] },
    ]);
  });
});

describe("Ollama's", () => {
  const config = { config: { mediaType: 'x', digest: `sha256:${OTHER}` } };

  it('are listed by the names that its command takes', async () => {
    const blob = put(`ollama/blobs/sha256-${HASH}`, 'GGUF1234');
    put(`ollama/blobs/sha256-${OTHER}`, '{"model_family":"llama","file_type":"Q4_K_M"}');
    manifest(
      'registry.ollama.ai/library/llama3.2/1b',
      [layer(HASH), layer(OTHER, 'application/x.template')],
      config,
    );
    manifest('registry.ollama.ai/someone/own/latest', [layer(HASH)]);
    manifest('hf.co/some-org/Tiny-GGUF/Q4_K_M', [layer(HASH)]);
    expect(await entries()).toMatchObject([
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
    put(`ollama/blobs/sha256-${HASH}`);
    manifest('registry.ollama.ai/library/adapted/latest', [
      layer(HASH),
      layer(HASH, 'application/vnd.ollama.image.adapter'),
    ]);
    manifest('registry.ollama.ai/library/gone/latest', [layer(OTHER)]);
    manifest('registry.ollama.ai/library/none/latest', []);
    manifest('registry.ollama.ai/library/out/latest', [
      { mediaType: WEIGHTS, digest: 'sha256:../../../etc/passwd' },
    ]);
    put('ollama/manifests/registry.ollama.ai/library/text/latest', 'x'.repeat(2 ** 17));
    put('ollama/manifests/registry.ollama.ai/library/words/latest', 'words');
    const found = await entries();
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
    const root = join(home, 'ollama');
    const elsewhere = new Elsewhere({ lmstudio: [], llamacpp: [], ollama: [join(home, 'none'), root] });
    const blob = put(`ollama/blobs/sha256-${HASH}`);
    manifest('registry.ollama.ai/library/llama3.2/latest', [layer(HASH)]);
    manifest('registry.ollama.ai/someone/own/7b', [layer(HASH)]);
    manifest('hf.co/some-org/Tiny/Q8_0', [layer(HASH)]);
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

it('looks into no folder twice through a link that leads back', () => {
  put('.lmstudio/models/some-org/Tiny/tiny-Q4_K_M.gguf');
  const root = join(home, '.lmstudio/models');
  symlinkSync(root, join(root, 'some-org', 'back'), 'junction');
  const found = new Elsewhere({ lmstudio: [root], ollama: [], llamacpp: [] }).list(holdsDecoder);
  expect(found.map(([, { name }]) => name)).toEqual(['some-org/Tiny']);
});

describe('what is given by path', () => {
  it('says what a file is that is no model', async () => {
    const text = put('notes.gguf', 'hello');
    await expect(engine.query('models.addFolder', { folder: text })).rejects.toMatchObject({
      code: 'no-folder',
      message: `${text} is neither a folder nor a GGUF file`,
    });
    await expect(inspect(join(home, 'absent.gguf'))).rejects.toMatchObject({ code: 'no-folder' });
    await expect(inspect('ollama:absent')).rejects.toMatchObject({
      code: 'not-cached',
      hint: 'Get it with: ollama pull absent:latest',
    });
  });

  it('keeps a GGUF file on the list, and takes it off', async () => {
    const path = put('mine/own-Q4_0.gguf', 'GGUF1');
    const { model } = await engine.query('models.addFolder', { folder: path });
    expect(model).toMatchObject({ source: 'folder', name: 'own-Q4_0', model: path, folder: path });
    expect(await entries()).toEqual([model]);
    await engine.query('models.forgetFolder', { folder: path });
    expect(await entries()).toEqual([]);
  });

  it("adds none of Ollama's, which are on the list already", async () => {
    put(`ollama/blobs/sha256-${HASH}`);
    manifest('registry.ollama.ai/library/own/latest', [layer(HASH)]);
    const { model } = await engine.query('models.addFolder', { folder: 'ollama:own' });
    expect(model).toMatchObject({ source: 'ollama', name: 'own:latest' });
    expect((await entries()).map(({ source }) => source)).toEqual(['ollama']);
  });
});
