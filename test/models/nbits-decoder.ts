/** A decoder whose head is a MatMulNBits, and the same one with the float weights that it stands for. */
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type AttributeValue, GraphBuilder, MICROSOFT, OPSET } from '../../engine/onnx/graph-builder';
import { type DecoderOptions, writeDecoder } from './decoder';
import { DecoderGraph } from './decoder-graph';
import { type NBitsOptions, nBitsHead, type QuantizedHead } from './quantized-heads';
import { TensorWriter } from './tensor-writer';
import { headWeightName, weightChunks } from './weights';

export interface NBitsDecoder extends Omit<NBitsOptions, 'vocab' | 'd'> {
  readonly weights: 'inline' | 'external';
  readonly seed?: number;
}

/** Several times what a file's structure is read by, 64 KiB, in codes of 4 bits. */
const SHAPE = { vocab: 5001, d: 64, layers: 1, head: 'MatMul', tied: false } as const;

/** Writes onnx/model.onnx in float32 and onnx/model_q4.onnx; both have the same logits. */
export function writeNBitsDecoder(folder: string, { weights, seed = 1, ...head }: NBitsDecoder): string {
  const { options, onnxPath } = writeDecoder(folder, { ...SHAPE, seed });
  const quantized = nBitsHead({ ...head, ...SHAPE });
  writeFile(onnxPath, options, quantized.weights);
  writeFile(join(dirname(onnxPath), 'model_q4.onnx'), { ...options, weights }, quantized);
  return folder;
}

/** @param head its matrix [V, d], or what multiplies by it */
function writeFile(path: string, options: DecoderOptions, head: Float64Array | QuantizedHead): void {
  const name = headWeightName(options);
  const data = options.weights === 'external' ? `${basename(path)}_data_1` : undefined;
  const builder = new HeadBuilder(name, head instanceof Float64Array ? undefined : head, data);
  const tensors = new TensorWriter(builder, options, path);
  for (const { spec, chunks } of weightChunks(options)) {
    const own = [...chunks];
    if (spec.name !== name) tensors.weight(spec, own);
    else if (head instanceof Float64Array) tensors.weight(spec, [transposed(head)]);
  }
  new DecoderGraph(builder, tensors, options).write();
  tensors.close();
  writeFileSync(path, builder.finish());
  if (data) writeFileSync(join(dirname(path), data), Buffer.concat(builder.data));
}

function transposed(matrix: Float64Array): Float32Array {
  const { vocab, d } = SHAPE;
  return Float32Array.from(matrix, (_, i) => matrix[(i % vocab) * d + Math.floor(i / vocab)]!);
}

class HeadBuilder extends GraphBuilder {
  /** What goes into the head's own data file. */
  readonly data: Uint8Array[] = [];
  private length = 0;
  private inHead = false;

  constructor(
    private readonly weight: string,
    private readonly head: QuantizedHead | undefined,
    private readonly location: string | undefined,
  ) {
    super(
      new Map([
        ['', OPSET],
        [MICROSOFT, 1],
      ]),
    );
  }

  override node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
    domain?: string,
  ): string {
    if (!this.head || inputs[1] !== this.weight)
      return super.node(opType, inputs, attributes, output, domain);
    this.inHead = true;
    const z = this.head.write(this, inputs[0]!);
    this.inHead = false;
    return output ? super.node('Identity', [z], {}, output) : z;
  }

  override initializer(name: string, dataType: number, dims: readonly number[], data: Uint8Array): string {
    if (!this.inHead || !this.location) return super.initializer(name, dataType, dims, data);
    const at = { location: this.location, offset: this.length, length: data.length };
    this.data.push(data);
    this.length += data.length;
    return this.externalInitializer(name, dataType, dims, at);
  }
}
