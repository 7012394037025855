/**
 * Where what is prepared lies in its one file, and by which pieces of work it is made. Both follow from the checkpoint
 * and the scheme alone, so that nothing that was written to disk can say where weights are.
 */
import type { BlockMatrix, Checkpoint, Located, StoredTensor, TensorType } from '../checkpoint';
import { type Conversion, conversionsOf, type Scheme } from './scheme';

/** Weights of one piece of work, unless a single row has more: 8 MiB of float32. */
const CHUNK = 2 ** 21;
/** Of every section, in bytes: a cache line, and whole floats. */
const ALIGNMENT = 64;

/** Some rows of one tensor: what is read, and where what they become has its place. */
export interface Chunk extends Pick<BlockMatrix, 'bits' | 'codes' | 'scales' | 'constants'> {
  readonly source: Located;
  readonly type: TensorType;
}

export interface Layout {
  /** By transformers' name. */
  readonly tensors: ReadonlyMap<string, BlockMatrix>;
  /** In the order of the file. */
  readonly chunks: readonly Chunk[];
  /** Of the file. */
  readonly bytes: number;
  /** How many weights are converted. */
  readonly weights: number;
}

/**
 * @param file the path that the weights will be read from
 * @throws EngineError `scheme`
 */
export function layOut(checkpoint: Checkpoint, scheme: Scheme, file: string): Layout {
  const sections = new Sections(file);
  const tensors = new Map<string, BlockMatrix>();
  const chunks: Chunk[] = [];
  let weights = 0;
  for (const group of grouped(conversionsOf(checkpoint, scheme))) {
    for (const { tensor, matrix } of place(group, sections)) {
      tensors.set(tensor.name, matrix);
      for (const chunk of chunksOf(tensor, matrix)) chunks.push(chunk);
      weights += matrix.rows * matrix.columns;
    }
  }
  return { tensors, chunks, bytes: sections.end, weights };
}

class Sections {
  end = 0;

  constructor(private readonly file: string) {}

  /** Parts of these lengths, one right after another. */
  next(lengths: readonly number[]): Located[] {
    this.end = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    return lengths.map((length) => {
      const offset = this.end;
      this.end += length;
      return { file: this.file, offset, length };
    });
  }
}

/** Matrices of a layer that multiply the same x, by what their names end in. */
const ONE_INPUT = [
  ['q_proj.weight', 'k_proj.weight', 'v_proj.weight'],
  ['gate_proj.weight', 'up_proj.weight'],
];

/** Those of one form and one input together, so that a graph can multiply with them as with one matrix. */
function grouped(conversions: readonly Conversion[]): Conversion[][] {
  const groups = new Map<string, Conversion[]>();
  const rank = new Map<Conversion, number>();
  for (const conversion of conversions) {
    const { tensor, form } = conversion;
    const [, module = '', last = ''] = /^(.*\.)([^.]+\.weight)$/.exec(tensor.name) ?? [];
    const together = ONE_INPUT.find((names) => names.includes(last));
    const { bits, blockSize, hasConstants } = form;
    const key = together ? [module, together[0], bits, blockSize, hasConstants].join() : tensor.name;
    rank.set(conversion, together?.indexOf(last) ?? 0);
    groups.set(key, [...(groups.get(key) ?? []), conversion]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => rank.get(a)! - rank.get(b)!));
}

interface Placed {
  readonly tensor: StoredTensor;
  readonly matrix: BlockMatrix;
}

/** @param group of one form */
function place(group: readonly Conversion[], sections: Sections): Placed[] {
  const { bits, blockSize, hasConstants } = group[0]!.form;
  const weights = group.map(({ tensor }) => tensor.dims[0]! * tensor.dims[1]!);
  const codes = sections.next(weights.map((count) => (count * bits) / 8));
  const perBlock = weights.map((count) => (4 * count) / blockSize);
  const scales = sections.next(perBlock);
  const constants = hasConstants ? sections.next(perBlock) : [];
  return group.map(({ tensor }, i) => {
    const [rows, columns] = [tensor.dims[0]!, tensor.dims[1]!];
    const place = {
      codes: codes[i]!,
      scales: scales[i]!,
      ...(hasConstants ? { constants: constants[i]! } : {}),
    };
    return { tensor, matrix: { rows, columns, bits, blockSize, ...place } };
  });
}

function chunksOf(tensor: StoredTensor, matrix: BlockMatrix): Chunk[] {
  const { rows, columns, bits, codes, scales, constants } = matrix;
  const each = Math.max(1, Math.floor(CHUNK / columns));
  return Array.from({ length: Math.ceil(rows / each) }, (_, i) => {
    const part = (whole: Located): Located => {
      const row = whole.length / rows;
      const first = i * each;
      const length = row * (Math.min(rows, first + each) - first);
      return { file: whole.file, offset: whole.offset + first * row, length };
    };
    return {
      source: part(tensor),
      type: tensor.type,
      bits,
      codes: part(codes),
      scales: part(scales),
      ...(constants && { constants: part(constants) }),
    };
  });
}
