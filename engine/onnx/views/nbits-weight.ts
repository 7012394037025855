/** A MatMulNBits weight's codes, scales and zero points, laid out for products with its transpose. */
import { DataType } from '../proto/data-type';
import type { TensorInfo } from '../proto/model-types';
import type { NBitsProjection } from '../recognise/projection';
import type { OnnxFile } from '../source/onnx-file';

/** The columns k of W that share each row's scale. */
export interface CodeBlock {
  readonly index: number;
  /** Smaller than the block size at the end. */
  readonly size: number;
}

/** Bytes of codes read from the file at a time. */
const READ_BYTES = 16 * 2 ** 20;

export class NBitsWeight {
  readonly blocks: readonly CodeBlock[];
  /** [blocks, V] */
  readonly scales: Float32Array;

  constructor(
    private readonly file: OnnxFile,
    private readonly projection: NBitsProjection,
    private readonly vocab: number,
    hiddenSize: number,
    private readonly readBytes = READ_BYTES,
  ) {
    const { blockSize, scales } = projection;
    const count = Math.ceil(hiddenSize / blockSize);
    this.blocks = Array.from({ length: count }, (_, index) => ({
      index,
      size: Math.min(blockSize, hiddenSize - index * blockSize),
    }));
    this.scales = transpose(file.readFloats(scales), vocab, count);
  }

  /**
   * [blocks, V] scale·(implied - zero point) + constant: the correction for a product whose codes are taken relative
   * to `implied`; undefined when it is zero.
   */
  offsets(implied: number): Float32Array | undefined {
    const { zeroPoints, constants, bits } = this.projection;
    const symmetric = 2 ** (bits - 1);
    if (!zeroPoints && !constants && implied === symmetric) return undefined;
    const transposed = (values: Float32Array) => transpose(values, this.vocab, this.blocks.length);
    const points = zeroPoints && transposed(this.zeroPoints(zeroPoints));
    const added = constants && transposed(this.file.readFloats(constants));
    return this.scales.map((scale, i) => scale * (implied - (points?.[i] ?? symmetric)) + (added?.[i] ?? 0));
  }

  /**
   * For each block its codes transposed, [size, V] in 4 bits (low nibble first, rows padded to whole plane
   * blocks with 8, which stands for 0): one plane for 4-bit codes, low and high for 8-bit ones.
   */
  planes(blocks: readonly CodeBlock[], planeBlock: number): Uint8Array[][] {
    const { vocab } = this;
    const { bits, blockSize, weight } = this.projection;
    const rowBytes = (Math.ceil(vocab / planeBlock) * planeBlock) / 2;
    const planes = blocks.map(({ size }) =>
      Array.from({ length: bits / 4 }, () => new Uint8Array(size * rowBytes).fill(0x88)),
    );
    const blockBytes = (blockSize * bits) / 8;
    const stride = this.blocks.length * blockBytes;
    const transposeCodes = bits === 4 ? transposeNibbles : transposeBytes;
    const rowsAtOnce = 2 * Math.max(1, Math.floor(this.readBytes / stride / 2));
    for (let first = 0; first < vocab; first += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, vocab - first);
      const bytes = this.file.readRange(weight, first * stride, rows * stride);
      blocks.forEach(({ index, size }, i) => {
        const from = { bytes, offset: index * blockBytes, stride, rows };
        transposeCodes(from, { planes: planes[i]!, rowBytes, column: first / 2, size });
      });
    }
    return planes;
  }

  private zeroPoints(tensor: TensorInfo): Float32Array {
    if (tensor.dataType !== DataType.UINT8) return this.file.readFloats(tensor);
    const bytes = this.file.readElements(tensor);
    if (this.projection.bits === 8) return Float32Array.from(bytes);
    const blocks = this.blocks.length;
    const perRow = Math.ceil(blocks / 2);
    return Float32Array.from({ length: this.vocab * blocks }, (_, i) => {
      const [row, block] = [Math.floor(i / blocks), i % blocks];
      const pair = bytes[row * perRow + (block >> 1)]!;
      return block & 1 ? pair >> 4 : pair & 15;
    });
  }
}

/** [rows, columns] → [columns, rows] */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const into = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      into[column * rows + row] = values[row * columns + column]!;
  }
  return into;
}

interface Codes {
  readonly bytes: Uint8Array;
  /** Of the block in each row. */
  readonly offset: number;
  readonly stride: number;
  readonly rows: number;
}

interface Planes {
  readonly planes: readonly Uint8Array[];
  readonly rowBytes: number;
  /** The byte of each transposed row where the first two rows of the codes go. */
  readonly column: number;
  readonly size: number;
}

/** Rows that are transposed together, so that what is read and written stays in the nearest cache. */
const ROWS = 128;

/** Two rows of the file make one byte of each transposed row; after a last odd one comes padding. */
function transposeNibbles(codes: Codes, { planes, rowBytes, column, size }: Planes): void {
  const { bytes, offset, stride, rows } = codes;
  const [plane] = planes as [Uint8Array];
  for (let start = 0; start < rows; start += ROWS) {
    const end = Math.min(start + ROWS, rows);
    for (let k = 0; k < size; k++) {
      const shift = k & 1 ? 4 : 0;
      let at = offset + (k >> 1) + start * stride;
      let to = k * rowBytes + column + (start >> 1);
      for (let row = start; row < end; row += 2, at += 2 * stride, to++) {
        const next = row + 1 < rows ? bytes[at + stride]! >> shift : 8;
        plane[to] = ((bytes[at]! >> shift) & 15) | ((next & 15) << 4);
      }
    }
  }
}

function transposeBytes(codes: Codes, { planes, rowBytes, column, size }: Planes): void {
  const { bytes, offset, stride, rows } = codes;
  const [low, high] = planes as [Uint8Array, Uint8Array];
  for (let start = 0; start < rows; start += ROWS) {
    const end = Math.min(start + ROWS, rows);
    for (let k = 0; k < size; k++) {
      let at = offset + k + start * stride;
      let to = k * rowBytes + column + (start >> 1);
      for (let row = start; row < end; row += 2, at += 2 * stride, to++) {
        const one = bytes[at]!;
        const two = row + 1 < rows ? bytes[at + stride]! : 0x88;
        low[to] = (one & 15) | ((two & 15) << 4);
        high[to] = (one >> 4) | (two & 0xf0);
      }
    }
  }
}
