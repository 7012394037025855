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
  const writer = new Sections(file);
  const tensors = new Map<string, BlockMatrix>();
  const chunks: Chunk[] = [];
  let weights = 0;
  for (const conversion of conversionsOf(checkpoint, scheme)) {
    const matrix = place(conversion, writer);
    tensors.set(conversion.tensor.name, matrix);
    for (const chunk of chunksOf(conversion.tensor, matrix)) chunks.push(chunk);
    weights += matrix.rows * matrix.columns;
  }
  return { tensors, chunks, bytes: writer.end, weights };
}

class Sections {
  end = 0;

  constructor(private readonly file: string) {}

  next(length: number): Located {
    const offset = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.end = offset + length;
    return { file: this.file, offset, length };
  }
}

function place({ tensor, form }: Conversion, sections: Sections): BlockMatrix {
  const [rows, columns] = [tensor.dims[0]!, tensor.dims[1]!];
  const { bits, blockSize, hasConstants } = form;
  const blocks = (rows * columns) / blockSize;
  const codes = sections.next((rows * columns * bits) / 8);
  const scales = sections.next(4 * blocks);
  const constants = hasConstants ? { constants: sections.next(4 * blocks) } : {};
  return { rows, columns, bits, blockSize, codes, scales, ...constants };
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
