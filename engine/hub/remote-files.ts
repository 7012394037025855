/** An ONNX file on the hub as the views see it: its structure, fetched, and its weights, of which only the sizes count. */
import { posix } from 'node:path';
import type { Range } from '../onnx/proto/byte-source';
import { WireReader } from '../onnx/proto/wire-reader';
import { checkLocation, type ModelFiles } from '../onnx/source/model-files';
import { OnnxFile } from '../onnx/source/onnx-file';
import { badInput, failure } from '../protocol';
import type { HubCache } from './cache';
import type { RemoteFile } from './remote-file';
import type { Repo, RepoFile } from './repo';
import type { Parts } from './repo-parts';

export const CHOOSE_ANOTHER = 'Choose another dtype or another export of the model.';

/** onnx.proto: ModelProto.graph, and what of a GraphProto is looked at beyond its beginning. */
const GRAPH = 7;
const INITIALIZER = 5;
/** A tensor's name, type and shape stand before its elements; small tensors come whole. */
const TENSOR_HEAD = 2048;
const ENTRY_HEAD = 64 * 1024;
/** A file of any size can be declared at no cost; views of real ones copy some megabytes, and scales of a large head. */
const MAX_COPIED = 512 * 2 ** 20;

/**
 * @param weights the ONNX file and the data files that would be downloaded with it
 * @throws EngineError where opening the download would refuse it
 */
export async function openRemote(
  onnx: RemoteFile,
  cache: HubCache,
  repo: Repo,
  weights: Parts['weights'],
): Promise<OnnxFile> {
  await fetchStructure(onnx);
  const files = new RemoteFiles(onnx, cache, repo, weights);
  return onnx.whenThere(() => new OnnxFile(`${repo.id}/${weights[0].path}`, files));
}

class RemoteFiles implements ModelFiles {
  readonly hint = CHOOSE_ANOTHER;
  private copied = 0;

  constructor(
    readonly onnx: RemoteFile,
    private readonly cache: HubCache,
    private readonly repo: Repo,
    private readonly weights: Parts['weights'],
  ) {}

  /** Where the cache keeps it. */
  get onnxPath(): string {
    return this.cache.blob(this.repo.id, this.weights[0].blob);
  }

  realPath(location: string): string {
    return this.cache.blob(this.repo.id, this.file(location).blob);
  }

  size(location: string): number {
    return this.file(location).bytes;
  }

  /** Zeros: a view is refused for types and sizes, never for what its weights are. */
  read(_location: string | undefined, _offset: number, length: number): Uint8Array {
    this.copied += length;
    if (this.copied <= MAX_COPIED) return new Uint8Array(length);
    throw failure(
      'too-large',
      `the nodes of ${this.weights[0].path} hold too much to be judged from afar`,
      'Pull the model, then inspect it.',
    );
  }

  changed(): undefined {
    return undefined;
  }

  close(): void {}

  private file(location: string): RepoFile {
    const [onnx] = this.weights;
    checkLocation(location);
    const path = posix.join(posix.dirname(onnx.path), location);
    const file = this.weights.find((each) => each.path === path);
    if (file) return file;
    throw badInput(
      'external-data-missing',
      `${onnx.path} of ${this.repo.id} keeps weights in ${location}, which is not there`,
      CHOOSE_ANOTHER,
    );
  }
}

/**
 * Fetches what the reader will look at: nodes, and the beginnings of tensors. Without this, each tensor that is
 * jumped over would make it begin anew.
 */
async function fetchStructure(file: RemoteFile): Promise<void> {
  const wire = new WireReader(file);
  const graphs = await file.whenThere(() =>
    [...wire.fields(wire.whole)].filter(({ number }) => number === GRAPH),
  );
  for (const graph of graphs) if (graph.wire === 'bytes') await fetchGraph(file, wire, graph.range);
}

async function fetchGraph(file: RemoteFile, wire: WireReader, { start, end }: Range): Promise<void> {
  for (let at = start; at < end; ) {
    const { value: field } = await file.whenThere(() => wire.fields({ start: at, end }).next());
    // A graph's fields are all messages or texts; what else is there is for the reader to judge.
    if (field?.wire !== 'bytes') return;
    const head = field.number === INITIALIZER ? TENSOR_HEAD : ENTRY_HEAD;
    await file.ensure(field.range.start, Math.min(field.range.end, field.range.start + head));
    at = field.range.end;
  }
}
