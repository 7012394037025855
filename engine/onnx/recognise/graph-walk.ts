/** Looking backwards through a model's graph: who wrote a tensor, and whether it is a constant. */
import { badInput } from '../../protocol';
import { DataType } from '../proto/data-type';
import type { NodeInfo, OnnxModel, TensorInfo } from '../proto/model-types';

/** Steps of one walk; real heads take some tens. */
const MAX_STEPS = 2000;

export class GraphWalk {
  private readonly producers = new Map<string, NodeInfo>();
  private steps = 0;

  constructor(
    private readonly model: OnnxModel,
    private readonly maxSteps = MAX_STEPS,
  ) {
    for (const node of model.nodes) for (const output of node.outputs) this.producers.set(output, node);
  }

  /** The node that writes a tensor. Counted, so that a walk ends soon whatever the graph. */
  producer(name: string): NodeInfo | undefined {
    this.steps += 1;
    if (this.steps > this.maxSteps) {
      const hint = 'Export the model again with a plain language-model head.';
      throw badInput('unsupported-head', 'between "logits" and a projection lie too many nodes', hint);
    }
    return this.producers.get(name);
  }

  /** The stored tensor behind a name, as it is shaped: through nodes that change neither elements nor shape. */
  stored(name: string): TensorInfo | undefined {
    return this.follow(name, KEEPS_SHAPE);
  }

  /** The stored tensor that has a name's elements, in whatever shape. */
  constant(name: string): TensorInfo | undefined {
    return this.follow(name, KEEPS_ELEMENTS);
  }

  /** What a Constant node holds as integers. */
  integers(name: string): number[] | undefined {
    const node = this.producer(name);
    return node?.opType === 'Constant' ? node.attributes.get('value_ints')?.ints.map(Number) : undefined;
  }

  private follow(name: string, through: ReadonlySet<string>): TensorInfo | undefined {
    const initializer = this.model.initializers.get(name);
    if (initializer) return initializer;
    const node = this.producer(name);
    if (node && through.has(node.opType)) return this.follow(node.inputs[0] ?? '', through);
    return node?.opType === 'Constant' ? constantValue(node, name) : undefined;
  }
}

/** Cast keeps the values, as far as the other type can hold them. */
const KEEPS_SHAPE = new Set(['Identity', 'Cast']);
const KEEPS_ELEMENTS = new Set([...KEEPS_SHAPE, 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

function constantValue(node: NodeInfo, name: string): TensorInfo | undefined {
  const tensor = node.attributes.get('value')?.tensors[0];
  if (tensor) return { ...tensor, name };
  const value = node.attributes.get('value_float')?.f;
  if (value === undefined) return undefined;
  return { name, dims: [], dataType: DataType.FLOAT, payload: { kind: 'number', value }, range: node.range };
}
