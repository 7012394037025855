/** The cache of the hub's own tools, read as they lay it out: ids, revisions, which snapshot is meant, what it weighs. */
import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { HubCache } from '../../engine/hub/cache';
import { curatedModels } from '../../engine/hub/curated';
import { filesOf, removeFrom } from '../../engine/hub/remove';
import { summariseCached } from '../../engine/hub/summary';
import { listTree } from '../../engine/hub/tree';
import { HubId } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { filesBelow } from './cached';

const root = temporaryFolder();
let caches = 0;
let folder: string;
let cache: HubCache;
beforeEach(() => {
  folder = join(root, String(++caches));
  cache = new HubCache(folder);
});

const ID = 'org/model';
const [OLD, NEW, LATEST] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];

function put(path: string, content = ''): string {
  const at = join(folder, 'models--org--model', path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, content);
  return at;
}

/** Of this age in seconds. */
function snapshot(commit: string, age: number, ...files: string[]): void {
  for (const file of files) put(`snapshots/${commit}/${file}`);
  const then = new Date(Date.now() - 1000 * age);
  utimesSync(join(folder, 'models--org--model', 'snapshots', commit), then, then);
}

const commits = (...asked: Parameters<HubCache['snapshots']>) =>
  cache.snapshots(...asked).map(({ commit }) => commit);

describe('ids', () => {
  it('are those of models, in order, whatever else lies there', () => {
    expect(cache.ids()).toEqual([]);
    for (const name of [
      'models--z--m',
      'models--a--m--x',
      'datasets--a--d',
      'version.txt',
      'models--..--m',
      'models--m',
    ])
      mkdirSync(join(folder, name), { recursive: true });
    expect(cache.ids()).toEqual(['a/m--x', 'm', 'z/m'].filter((id) => HubId.safeParse(id).success));
    expect(cache.has('z/m')).toBe(false);
  });
});

describe('snapshots', () => {
  beforeEach(() => {
    snapshot(OLD, 300, 'model.safetensors');
    snapshot(NEW, 200, 'onnx/model.onnx', 'onnx/model_q4.onnx');
    snapshot(LATEST, 100, 'onnx/model_q4.onnx');
    snapshot('d'.repeat(40), 0, 'README.md');
  });

  it('that hold a model are those that main names, then the latest', () => {
    expect(commits(ID)).toEqual([LATEST, NEW, OLD]);
    put('refs/main', `${OLD}\n`);
    expect(commits(ID)).toEqual([OLD, LATEST, NEW]);
    expect(cache.snapshot(ID)?.commit).toBe(OLD);
  });

  it('are told apart by branch, tag and commit, and by their dtypes', () => {
    put('refs/pr/7', NEW);
    expect(commits(ID, 'pr/7')).toEqual([NEW]);
    expect(commits(ID, OLD)).toEqual([OLD]);
    expect(commits(ID, 'v9')).toEqual([]);
    // A folder among the refs is none of them.
    expect(commits(ID, 'pr')).toEqual([]);
    expect(cache.snapshot(ID, 'fp32')?.commit).toBe(NEW);
    expect(cache.snapshot(ID, 'q4', OLD)).toBeUndefined();
    expect(cache.find(ID, 'int8', 'pr/7').commit).toBe(NEW);
    expect(cache.allSnapshots(ID)).toHaveLength(4);
  });

  it('that are not there are asked for by the command that brings them', () => {
    const refused = (...asked: Parameters<HubCache['find']>) => {
      try {
        return cache.find(...asked);
      } catch (error) {
        return error;
      }
    };
    expect(refused('org/other', null)).toMatchObject({
      code: 'not-cached',
      message: 'org/other is neither a folder nor a model in the cache',
      hint: 'Download it in Models, or with: models pull org/other',
    });
    expect(refused(ID, 'q8', 'v9')).toMatchObject({
      message: 'org/model at v9 is neither a folder nor a model in the cache',
      hint: 'Download it in Models, or with: models pull org/model --dtype q8 --revision v9',
    });
  });

  it('hold the weights of a dtype as far as they are there', () => {
    const at = (commit: string, file: string) => join(cache.repo(ID), 'snapshots', commit, file);
    const of = (commit: string, dtype: string | null) => cache.weights(dirname(at(commit, 'x')), dtype);
    expect(of(NEW, null)).toEqual([at(NEW, 'onnx/model.onnx')]);
    expect(of(NEW, 'q4')).toEqual([at(NEW, 'onnx/model_q4.onnx')]);
    expect(of(NEW, 'q8')).toEqual([]);
    expect(of('d'.repeat(40), null)).toEqual([]);
    symlinkSync('/nowhere', at(NEW, 'onnx/model.onnx_data'));
    expect(of(NEW, 'fp32')).toEqual([at(NEW, 'onnx/model.onnx')]);
  });
});

it('is summed up with each dtype from the first snapshot that has it', () => {
  for (const [commit, family] of [
    [OLD, 'llama'],
    [NEW, 'qwen2'],
  ]) {
    put(`snapshots/${commit}/config.json`, JSON.stringify({ model_type: family }));
    put(`snapshots/${commit}/onnx/model_q4.onnx`, family);
  }
  put(`snapshots/${NEW}/onnx/model.onnx`, 'x');
  put('refs/main', OLD);
  expect(summariseCached(cache, ID)).toEqual({
    family: 'llama',
    dtypes: [
      { dtype: 'fp32', bytes: 1 },
      { dtype: 'q4', bytes: 'llama'.length },
    ],
    bytes: cache.size(ID),
  });
  expect(summariseCached(cache, 'org/none')).toEqual({ family: null, dtypes: [], bytes: 0 });
});

it('weighs each blob once, however many names it has, and links nothing', () => {
  expect(cache.size(ID)).toBe(0);
  const blob = put('blobs/1', '12345');
  mkdirSync(join(folder, 'models--org--model', 'snapshots', NEW), { recursive: true });
  linkSync(blob, join(folder, 'models--org--model', 'snapshots', NEW, 'hard'));
  symlinkSync(blob, join(folder, 'models--org--model', 'snapshots', NEW, 'soft'));
  put('refs/main', NEW);
  expect(cache.size(ID)).toBe(5 + 40);
});

describe('deleting', () => {
  /** A snapshot whose files are links to blobs of these names. */
  function linked(commit: string, files: Record<string, string>): void {
    for (const [file, blob] of Object.entries(files)) {
      const at = put(`blobs/${blob}`, blob);
      const link = join(cache.repo(ID), 'snapshots', commit, file);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(at, link);
    }
  }
  const left = () => filesBelow(cache.repo(ID));

  it('of a dtype leaves the others, and what they share', () => {
    linked(NEW, { 'config.json': 'cc', 'onnx/model.onnx': 'weights', 'onnx/model_q4.onnx': 'q' });
    put('refs/main', NEW);
    expect(filesOf(cache, ID, { dtype: 'q4', revision: null })).toHaveLength(1);
    expect(removeFrom(cache, ID, { dtype: 'q4', revision: null }, [])).toBe('q'.length);
    expect(left()).toEqual([
      'blobs/cc',
      'blobs/weights',
      'refs/main',
      `snapshots/${NEW}/config.json`,
      `snapshots/${NEW}/onnx/model.onnx`,
    ]);
    // Configs without weights are of no use, and then nothing is left.
    removeFrom(cache, ID, { dtype: 'fp32', revision: null }, []);
    expect(cache.allSnapshots(ID)).toEqual([]);
    expect(listTree(cache.repo(ID))).toEqual([]);
  });

  it('of a revision takes the names of it alone, and the content that no other has', () => {
    linked(OLD, { 'config.json': 'shared', 'model.safetensors': 'old' });
    linked(NEW, { 'config.json': 'shared', 'model.safetensors': 'new' });
    put('refs/main', NEW);
    put('refs/v1', `${OLD}\n`);
    put('blobs/unrelated', '');
    put('blobs/begun.paused.incomplete', 'be');
    put('blobs/other.paused.incomplete', '');
    const freed = removeFrom(cache, ID, { dtype: null, revision: 'v1' }, ['begun']);
    expect(freed).toBe('old'.length + 'be'.length + OLD.length + 1);
    expect(left()).toEqual([
      'blobs/new',
      'blobs/other.paused.incomplete',
      'blobs/shared',
      'blobs/unrelated',
      'refs/main',
      `snapshots/${NEW}/config.json`,
      `snapshots/${NEW}/model.safetensors`,
    ]);
  });

  it('of all takes the whole repository', () => {
    linked(NEW, { 'model.safetensors': 'new', 'notes.txt': 'n' });
    const all = { dtype: null, revision: null };
    expect(new Set(filesOf(cache, ID, all)).size).toBe(2);
    expect(removeFrom(cache, ID, all, [])).toBe('new'.length + 'n'.length);
    expect(listTree(cache.repo(ID))).toEqual([]);
    expect(removeFrom(cache, ID, all, [])).toBe(0);
  });
});

it('lists the files of a folder by path, not deeper than five folders', () => {
  for (const path of ['b', 'a/b', 'a/a', '1/2/3/4/5/x', '1/2/3/4/5/6/x']) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  symlinkSync('/nowhere', join(folder, 'link'));
  expect(listTree(folder)).toEqual(['1/2/3/4/5/x', 'a/a', 'a/b', 'b', 'link']);
  expect(listTree(join(folder, 'gone'))).toEqual([]);
});

it('models that are recommended are small to large, and those that are here are told', () => {
  const models = curatedModels((id) => id === 'onnx-community/Qwen3-0.6B-ONNX');
  const sizes = models.map(({ parameters }) => parameters);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(models.filter(({ isCached }) => isCached).map(({ name }) => name)).toEqual(['Qwen3 0.6B']);
  for (const { id, dtypes, parameters } of models) {
    expect(HubId.safeParse(id).success, id).toBe(true);
    // From four bits a weight to four bytes, and an embedding that is stored twice.
    for (const { dtype, bytes } of dtypes) {
      const each = bytes / (parameters * 1e9);
      expect(each, `${id} ${dtype}`).toBeGreaterThan(dtype === 'fp32' ? 3.9 : dtype === 'fp16' ? 1.9 : 0.5);
      expect(each, `${id} ${dtype}`).toBeLessThan(dtype === 'fp32' ? 5 : dtype === 'fp16' ? 2.5 : 1.7);
    }
  }
  // Of 3836 million weights: 4 bits and a scale for 32 each, beside an embedding of 200064 rows of 3072 floats.
  expect(models.at(-1)!.dtypes).toEqual([{ dtype: 'q4', bytes: 4856e6 }]);
});
