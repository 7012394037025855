/** The head of a model on the hub, without its layers: of its safetensors those byte ranges alone. */
import { existsSync, readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FLOAT_TYPES, type FloatType, type StoredTensor } from '../checkpoint/checkpoint';
import { headFiles, headTensors, isHeadAlone, type Layers } from '../checkpoint/safetensors/head-alone';
import { readHeader } from '../checkpoint/safetensors/header';
import { safetensorsOf } from '../checkpoint/safetensors/read';
import { readConfig } from '../config/config';
import { dropOwner, isGone, newOwner } from '../files/owner';
import { statOf } from '../files/read';
import { createFolder, remove, rename, writeWhole } from '../files/write';
import { SAFETENSORS_DTYPE } from '../model/graph-sources';
import { badInput, HubId, type Preparing } from '../protocol';
import type { HubConnection } from './connection';
import { checkSpace, diskError } from './disk';
import { downloadBlob } from './download';
import { RemoteFile } from './remote-file';
import { fileUrl, type Repo } from './repo';
import { type Parts, partsOf, readModelRepo, repoDtypes } from './repo-parts';

const SCHEME = 'hub:';
const INCOMPLETE = '.incomplete';
/** Of one request. */
const PIECE = 8 * 2 ** 20;

/** The hub id behind `hub:`; undefined for any other way to name a model. @throws EngineError `bad-head` */
export function readHeadReference(text: string | null): string | undefined {
  if (!text?.startsWith(SCHEME)) return undefined;
  const id = HubId.safeParse(text.slice(SCHEME.length));
  if (id.success) return id.data;
  throw badInput('bad-head', `${text} names no model on the hub`, 'Write it as hub:organisation/name.');
}

interface Fetching {
  readonly id: string;
  /** Where heads are kept. */
  readonly folder: string;
  readonly onProgress: (progress: Preparing | null) => void;
}

/**
 * The folder of a model's head: fetched whole or not at all, and kept.
 * @throws EngineError `no-head` where it has no safetensors, what the hub and the disk say; the signal's reason
 */
export async function fetchHead(
  hub: HubConnection,
  { id, folder, onProgress }: Fetching,
  signal: AbortSignal,
): Promise<string> {
  const prefix = `${id.replace('/', '--')}@`;
  const kept = keptIn(folder, prefix);
  if (kept !== undefined) return kept;
  const repo = await readModelRepo(hub.until(signal), id, 'main');
  const parts = weightsOf(repo);
  const target = join(folder, `${prefix}${repo.commit}`);
  const owner = newOwner();
  const partial = `${target}.${owner}${INCOMPLETE}`;
  try {
    createFolder(partial);
    await fetchConfigs(hub, repo, parts, partial, signal);
    await fetchTensors(hub.until(signal), repo, parts, partial, onProgress);
    if (isHeadAlone(target)) remove(partial);
    else rename(partial, target);
    return target;
  } catch (error) {
    remove(partial);
    signal.throwIfAborted();
    throw diskError(error, target);
  } finally {
    dropOwner(owner);
    onProgress(null);
  }
}

/** A head that was fetched before; what processes that are gone had begun is removed. */
function keptIn(folder: string, prefix: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
  for (const name of names.filter((each) => each.endsWith(INCOMPLETE))) {
    const path = join(folder, name);
    if (isGone(name.split('.').at(-2) ?? '', statOf(path)?.mtimeMs ?? 0)) remove(path);
  }
  return names
    .map((name) => join(folder, name))
    .find((path) => !path.endsWith(INCOMPLETE) && isHeadAlone(path));
}

function weightsOf(repo: Repo): Parts {
  if (repoDtypes(repo).some(({ dtype }) => dtype === SAFETENSORS_DTYPE))
    return partsOf(repo, SAFETENSORS_DTYPE);
  const message = `${repo.id} has no safetensors, whose head can be fetched alone`;
  throw badInput('no-head', message, `Pull it, and name it with --head: models pull ${repo.id}`);
}

async function fetchConfigs(
  hub: HubConnection,
  repo: Repo,
  { configs }: Parts,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const progress = { onBytes: () => {}, onWait: () => {} };
  for (const file of configs) {
    // Under its hash first, which verifies it.
    const blob = join(folder, file.blob);
    await downloadBlob(hub, repo, file, blob, progress, signal);
    rename(blob, join(folder, basename(file.path)));
  }
}

async function fetchTensors(
  hub: HubConnection,
  repo: Repo,
  { weights }: Parts,
  folder: string,
  onProgress: Fetching['onProgress'],
): Promise<void> {
  const files = weights.filter(({ path }) => path.endsWith('.safetensors'));
  const remote = new Map(
    files.map((file) => [file.path, new RemoteFile(hub, fileUrl(hub, repo, file.path), file.bytes)]),
  );
  const headers = await Promise.all(
    [...remote].map(([path, file]) => file.whenThere(() => readHeader(file, path))),
  );
  const checkpoint = safetensorsOf(readConfig(folder), headers, repo.id);
  const head = headTensors(checkpoint);
  const { head: file, layers } = headFiles(folder);
  const total = head.reduce((sum, { length }) => sum + length, 0);
  checkSpace(folder, total);
  const tell = (done: number) =>
    onProgress({
      model: repo.id,
      dtype: SAFETENSORS_DTYPE,
      phase: 'fetching',
      done,
      total,
      secondsLeft: null,
    });
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.write(headerOf(head));
    let done = 0;
    tell(done);
    for (const tensor of head)
      for (let at = 0; at < tensor.length; at += PIECE) {
        const end = Math.min(at + PIECE, tensor.length);
        const bytes = await remote.get(tensor.file)!.piece(tensor.offset + at, tensor.offset + end);
        await writeAll(handle, bytes);
        done += bytes.length;
        tell(done);
      }
    await handle.sync();
  } finally {
    await handle.close();
  }
  const others = [...checkpoint.tensors.values()].filter((tensor) => !head.includes(tensor));
  writeWhole(layers, JSON.stringify(layersOf(others, checkpoint.unread)));
}

/** A full disk takes a part of what it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
}

/** Of a safetensors file of these tensors, in this order. */
function headerOf(tensors: readonly StoredTensor[]): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, type, dims, length }) => {
    const data_offsets = [end, end + length];
    end += length;
    return [name, { dtype: type, shape: dims, data_offsets }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Buffer.alloc(8 * Math.ceil(json.length / 8), ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

function layersOf(tensors: readonly StoredTensor[], unread: ReadonlyMap<string, string>): Layers {
  const isFloat = (type: string): type is FloatType => FLOAT_TYPES.some((float) => float === type);
  return {
    tensors: tensors.flatMap(({ name, type, dims, length }) =>
      isFloat(type) ? [{ name, type, dims: [...dims], length }] : [],
    ),
    unread: [...unread],
  };
}
