/** A repository on the hub: its commit and its files. */
import { posix } from 'node:path';
import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import { z } from 'zod';
import { EngineError, failure } from '../protocol';
import type { RepoType } from './cache';
import type { HubAnswers } from './connection';

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
  /** A folder with model files that are not looked for there. */
  readonly elsewhere?: string | undefined;
}

/**
 * @param isWanted which paths are listed; other names never become paths here
 * @throws EngineError: not there, no access, no connection, or an answer that cannot be trusted
 */
export async function readRepo(
  hub: HubAnswers,
  id: string,
  revision: string,
  type: RepoType = 'model',
  isWanted: (path: string) => boolean,
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
      else if (/\.(onnx|gguf)$/.test(path)) elsewhere ??= posix.dirname(path);
    }
  });
  return { type, id, commit, files, elsewhere };
}

/** Where a file's content is, at this very commit. */
export function fileUrl(hub: HubAnswers, { type, id, commit }: Repo, path: string): string {
  const page = type === 'dataset' ? `datasets/${id}` : id;
  return `${hub.endpoint}/${page}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
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
export async function trusted<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError || (error instanceof Error && error.name === 'AbortError')) throw error;
    throw failure('bad-answer', "the hub's answer makes no sense", 'Check HF_ENDPOINT, or try again later.');
  }
}
