/** The head's tail (bias, scale, soft-cap) as nodes of a view, with its derivative. */
import { badInput } from '../../protocol';
import type { GraphBuilder } from '../proto/graph-builder';
import type { Head, TailOp } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';

/** The tail's derivative: one number for an affine tail, otherwise a tensor of the logits' shape. */
type Slope =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'tensor'; readonly name: string };

/** A logit at or below this masks its token: its probability is negligible. */
const MAX_MASKED = -100;

/** The product of the tail's scales: logits per unit of z, exact for an affine tail, the slope at 0 under a cap. */
export function logitScale(file: OnnxFile, head: Head): number {
  return head.tail.reduce((product, op) => {
    if (op.op !== 'Mul' && op.op !== 'Div') return product;
    const [factor = 1] = constant(file, head, op);
    return op.op === 'Mul' ? product * factor : product / factor;
  }, 1);
}

export function isAffine(head: Head): boolean {
  return head.tail.every(({ op }) => op !== 'Tanh');
}

export function tail(
  builder: GraphBuilder,
  file: OnnxFile,
  head: Head,
  x: string,
): { logits: string; slope: Slope } {
  let logits = x;
  let slope: Slope = { kind: 'number', value: 1 };
  head.tail.forEach((op, i) => {
    const scaled = (factor: number) => {
      slope =
        slope.kind === 'number'
          ? { kind: 'number', value: slope.value * factor }
          : { kind: 'tensor', name: builder.node('Mul', [slope.name, builder.floats([factor], [])]) };
    };
    switch (op.op) {
      case 'Add': {
        const bias = constant(file, head, op);
        const dims = bias.length === 1 ? [] : [1, head.vocab];
        logits = builder.node('Add', [logits, builder.floats(bias, dims, `bias_${i}`)]);
        break;
      }
      case 'Mul':
      case 'Div': {
        const value = one(file, head, op);
        logits = builder.node(op.op, [logits, builder.floats([value], [])]);
        scaled(op.op === 'Mul' ? value : 1 / value);
        break;
      }
      case 'Where': {
        const mask = file.addInitializer(builder, op.condition);
        const value = one(file, head, op);
        // What is masked has no probability, so that its derivative counts for nothing.
        if (!(value <= MAX_MASKED)) {
          const message = `the head's Where puts ${value} in a logit's place, which is no mask`;
          throw badInput('unsupported-head', message);
        }
        const other = builder.floats([value], []);
        logits = builder.node('Where', op.kept ? [mask, logits, other] : [mask, other, logits]);
        break;
      }
      case 'Tanh': {
        logits = builder.node('Tanh', [logits]);
        const square = builder.node('Mul', [logits, logits]);
        const derivative = builder.node('Sub', [builder.floats([1], []), square]);
        const factor: string = slope.kind === 'number' ? builder.floats([slope.value], []) : slope.name;
        slope = { kind: 'tensor', name: builder.node('Mul', [derivative, factor]) };
        break;
      }
      case 'Cast':
        // Views compute in float32 throughout.
        break;
      default:
        op satisfies never;
    }
  });
  return { logits, slope };
}

type ConstantOp = Extract<TailOp, { constant: unknown }>;

function one(file: OnnxFile, head: Head, op: ConstantOp): number {
  const values = constant(file, head, op);
  if (values.length === 1) return values[0]!;
  throw badInput('unsupported-head', `the head's ${op.op} by "${op.constant.name}" is not by one number`);
}

function constant(file: OnnxFile, head: Head, op: ConstantOp): Float32Array {
  const values = file.readFloats(op.constant);
  if (values.length === 1 || values.length === head.vocab) return values;
  throw badInput(
    'unsupported-head',
    `the head's ${op.op} constant "${op.constant.name}" has ${values.length} elements`,
  );
}
