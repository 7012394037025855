/** A model's repository on the hub: its commit, its files, and those that a run needs. */
import { posix } from 'node:path';
import { datasetInfo, listFiles, listModels, modelInfo } from '@huggingface/hub';
import { z } from 'zod';
import { preferredDtype } from '../model/graph-sources';
import { CONFIG_FILES } from '../model/inspect';
import { dtypeOf, GENAI_DTYPE, isDataOf } from '../model/onnx-files';
import { badInput, type DtypeSize, EngineError, failure, type HubModel } from '../protocol';
import type { RepoType } from './cache';
import type { HubConnection } from './connection';

const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 2 ** 43;

const Commit = z.string().regex(/^[0-9a-f]{40}$/);

/** A file, by its content: `blob` is the sha256 of LFS files and git's own hash of the others, and its name in the cache. */
export const RepoFile = z.object({
  path: z.string(),
  bytes: z.int().min(0).max(MAX_FILE_BYTES),
  blob: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
});
export type RepoFile = z.infer<typeof RepoFile>;

export interface Repo {
  /** A model where it is left out. */
  readonly type?: RepoType;
  readonly id: string;
  readonly commit: string;
  readonly files: readonly RepoFile[];
  /** A folder with ONNX files that are not looked for there. */
  readonly elsewhere?: string | undefined;
}

/**
 * @param isWanted which paths are listed; other names never become paths here
 * @throws EngineError: not there, no access, no connection, or an answer that cannot be trusted
 */
export async function readRepo(
  hub: HubConnection,
  id: string,
  revision: string,
  type: RepoType = 'model',
  isWanted: (path: string) => boolean = isPart,
): Promise<Repo> {
  const options = { hubUrl: hub.endpoint, fetch: hub.fetch };
  const asked = { name: id, revision, additionalFields: ['sha' as const], ...options };
  const { sha } = await trusted(() => (type === 'model' ? modelInfo(asked) : datasetInfo(asked)));
  const commit = checked(Commit, sha, `the commit of ${id}`);
  const files: RepoFile[] = [];
  let elsewhere: string | undefined;
  const entries = listFiles({
    repo: { type, name: id },
    revision: commit,
    recursive: true,
    ...options,
  });
  await trusted(async () => {
    let seen = 0;
    for await (const { type, path, size, oid, lfs } of entries) {
      if (++seen > MAX_FILES) throw failure('bad-answer', `${id} has too many files`);
      if (typeof path !== 'string' || isUnsafe(path)) throw unsafe(id, path);
      if (type !== 'file') continue;
      const file = { path, bytes: lfs?.size ?? size, blob: lfs?.oid ?? oid };
      if (isWanted(path)) files.push(checked(RepoFile, file, `${path} of ${id}`));
      else if (path.endsWith('.onnx')) elsewhere ??= posix.dirname(path);
    }
  });
  return { type, id, commit, files, elsewhere };
}

/** Text-generation models with ONNX files, the most downloaded first. */
export async function searchHub(
  hub: HubConnection,
  query: string,
  limit: number,
  isCached: (id: string) => boolean,
): Promise<HubModel[]> {
  const found: HubModel[] = [];
  await trusted(async () => {
    const models = listModels({
      search: { query, task: 'text-generation', tags: ['onnx'] },
      sort: 'downloads',
      limit,
      hubUrl: hub.endpoint,
      fetch: hub.fetch,
    });
    for await (const { name, downloads, likes, updatedAt, gated } of models) {
      found.push({
        id: name,
        downloads: downloads ?? 0,
        likes: likes ?? 0,
        updatedAt: updatedAt.toISOString(),
        gated: gated !== false,
        isCached: isCached(name),
      });
    }
  });
  return found;
}

/**
 * dtype → its ONNX file, in `onnx/` or, failing that, at the top, as `onnxFiles` finds them in a folder. Of a
 * repository of onnxruntime-genai's it is the file that its model builder writes.
 * @throws EngineError `no-onnx`
 */
function onnxFilesOf({ id, files, elsewhere }: Repo): Map<string, RepoFile> {
  const isGenai = files.some(({ path }) => path === 'genai_config.json');
  for (const folder of ['onnx/', '']) {
    const built = files.find(({ path }) => path === 'model.onnx');
    if (folder === '' && isGenai && built) return new Map([[GENAI_DTYPE, built]]);
    const found = new Map<string, RepoFile>();
    for (const file of files) {
      const name = nameIn(folder, file.path);
      const dtype = name === undefined ? undefined : dtypeOf(name);
      if (dtype !== undefined) found.set(dtype, file);
    }
    if (found.size > 0) return found;
  }
  throw badInput(
    'no-onnx',
    `${id} has no ONNX files of a decoder (onnx/model*.onnx)`,
    elsewhere === undefined
      ? `Look for an export of it: models search ${id.split('/')[1]}`
      : `If ${elsewhere} holds a model, get that folder with \`hf download\` and give its path.`,
  );
}

/** What a run reads, and nothing else: the ONNX file of a dtype first, then its data, then the configs. */
export interface Parts {
  readonly dtype: string;
  readonly weights: readonly [RepoFile, ...RepoFile[]];
  readonly configs: readonly RepoFile[];
}

/** @param dtype null: the one that opens by default @throws EngineError `no-onnx`, `no-dtype` */
export function partsOf(repo: Repo, dtype: string | null): Parts {
  const dtypes = onnxFilesOf(repo);
  const chosen = dtype ?? preferredDtype([...dtypes.keys()])!;
  const onnx = dtypes.get(chosen);
  if (!onnx) {
    throw badInput(
      'no-dtype',
      `${repo.id} has no dtype "${chosen}"`,
      `It has: ${[...dtypes.keys()].join(', ')}.`,
    );
  }
  const configs = repo.files.filter(({ path }) => isConfig(path));
  return { dtype: chosen, weights: [onnx, ...dataOf(repo, onnx)], configs };
}

export function repoDtypes(repo: Repo): DtypeSize[] {
  return [...onnxFilesOf(repo)].map(([dtype, onnx]) => ({
    dtype,
    bytes: [onnx, ...dataOf(repo, onnx)].reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}

/** Where a file's content is, at this very commit. */
export function fileUrl(hub: HubConnection, { type, id, commit }: Repo, path: string): string {
  const page = type === 'dataset' ? `datasets/${id}` : id;
  return `${hub.endpoint}/${page}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function dataOf({ files }: Repo, onnx: RepoFile): RepoFile[] {
  return files.filter(({ path }) => isDataOf(onnx.path, path));
}

/** Only names of these forms are ever used: whatever else a server lists can become no path here. */
function isPart(path: string): boolean {
  const name = nameIn('onnx/', path) ?? path;
  const onnx = name.replace(/[._]data(_\d+)?$/, '');
  return isConfig(path) || dtypeOf(onnx) !== undefined;
}

function isConfig(path: string): boolean {
  return (CONFIG_FILES as readonly string[]).includes(path);
}

function nameIn(folder: string, path: string): string | undefined {
  const name = path.startsWith(folder) ? path.slice(folder.length) : '';
  return name === '' || name.includes('/') ? undefined : name;
}

/** A name that could leave the folder it is put in, on any system. */
function isUnsafe(path: string): boolean {
  const isControl = (character: string) => character < ' ';
  const parts = path.split('/');
  return (
    /\\|^[A-Za-z]:/.test(path) || [...path].some(isControl) || parts.some((part) => /^\.{0,2}$/.test(part))
  );
}

function unsafe(id: string, path: unknown): EngineError {
  return failure(
    'unsafe-name',
    `the hub lists a file of ${id} under a name that is not safe: ${JSON.stringify(path).slice(0, 200)}`,
    'Do not use it, and check HF_ENDPOINT.',
  );
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw failure(
    'bad-answer',
    `the hub's answer makes no sense: ${what}`,
    'Check HF_ENDPOINT, or try again later.',
  );
}

/** @huggingface/hub takes an answer's form for granted. */
async function trusted<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw failure('bad-answer', "the hub's answer makes no sense", 'Check HF_ENDPOINT, or try again later.');
  }
}
