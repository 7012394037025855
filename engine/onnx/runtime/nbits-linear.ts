/** A MatMulNBits head at work. */
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { int8Terms, TERMS } from '../views/int8-terms';
import { nBitsGradientView } from '../views/nbits-views';
import { type CodeBlock, NBitsWeight } from '../views/nbits-weight';
import type { NBitsPlan } from '../views/plan-head';
import { type Linear, oneByOne } from './linear';
import { ProjectionSession } from './projection-session';
import type { BaseSoftmax } from './prompt-softmax';
import { ReleaseStack } from './release-stack';
import { floatData, floats, type SessionOptions, ViewSession } from './session';

/** Transposed codes of one gradient session: while it opens they are held a few times over. */
const SESSION_BYTES = 64 * 2 ** 20;

/** Sizes in bytes: of the codes in one gradient session, and of one read from the file. */
interface GradientPieces {
  readonly session?: number;
  readonly read?: number;
}

export async function openNBits(
  file: OnnxFile,
  head: Head,
  plan: NBitsPlan,
  options: SessionOptions,
  pieces: GradientPieces = {},
): Promise<Linear> {
  const session = await ProjectionSession.create(plan.views.projection, head.hiddenSize, options);
  // The gradient opens in a later run, which the signal that cancels this opening must not stop.
  const lasting = { ...options, prepack: true, signal: undefined };
  return new NBitsLinear(file, head, plan, lasting, session, pieces);
}

/** Sessions for consecutive parts of Wᵀ·r. */
interface Gradient {
  readonly sessions: readonly ViewSession[];
  release(): Promise<void>;
}

class NBitsLinear implements Linear {
  readonly rowsInteract = false;
  /** Opened when first needed, since it holds the codes again. */
  private gradient: Promise<Gradient> | undefined;

  constructor(
    private readonly file: OnnxFile,
    private readonly head: Head,
    private readonly plan: NBitsPlan,
    private readonly options: SessionOptions,
    private readonly session: ProjectionSession,
    private readonly pieces: GradientPieces,
  ) {}

  project(hidden: Float32Array): Promise<Float32Array> {
    return this.session.project(...this.own(hidden));
  }

  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax> {
    const [input, terms] = this.own(hidden);
    return this.session.baseSoftmax(input, labels, terms);
  }

  projectDeltas(deltas: readonly Float32Array[]): Promise<Float32Array[]> {
    return oneByOne(deltas, (delta) => this.session.project(...this.exact(delta)));
  }

  transposedProducts(rs: readonly Float32Array[]): Promise<Float32Array[]> {
    return oneByOne(rs, (r) => this.transposedProduct(r));
  }

  private async transposedProduct(r: Float32Array): Promise<Float32Array> {
    const { sessions } = await this.openedGradient();
    const gradient = new Float32Array(this.head.hiddenSize);
    let at = 0;
    for (const session of sessions) {
      const part = floatData((await session.run({ r: floats(r, [1, this.head.vocab]) })).gradient);
      gradient.set(part, at);
      at += part.length;
    }
    return gradient;
  }

  async release(): Promise<void> {
    const held = new ReleaseStack();
    held.add(this.session);
    // One that could not be opened has released its sessions already.
    const gradient = await this.gradient?.catch(() => undefined);
    if (gradient) held.add(gradient);
    await held.release();
  }

  /** The input with which the session computes the export's own numbers. */
  private own(hidden: Float32Array): [Float32Array, terms?: number] {
    return this.plan.weight.int8Activations ? [hidden, 1] : this.exact(hidden);
  }

  private exact(x: Float32Array): [Float32Array, terms?: number] {
    const { int8, weight } = this.plan;
    return int8 ? [int8Terms(x, this.head.hiddenSize, weight.blockSize), TERMS] : [x];
  }

  private openedGradient(): Promise<Gradient> {
    if (this.gradient) return this.gradient;
    const opening = this.openGradient();
    this.gradient = opening;
    // The next run tries again.
    opening.catch(() => {
      this.gradient = undefined;
    });
    return opening;
  }

  private openGradient(): Promise<Gradient> {
    return ReleaseStack.opening(async (held) => {
      const { vocab, hiddenSize } = this.head;
      this.file.checkUnchanged();
      const weight = new NBitsWeight(this.file, this.plan.weight, vocab, hiddenSize, this.pieces.read);
      const sessions: ViewSession[] = [];
      for (const blocks of this.parts(weight.blocks)) {
        const view = nBitsGradientView(weight, blocks, this.plan.weight, vocab);
        sessions.push(held.add(await ViewSession.create('gradient', view, this.options)));
      }
      return { sessions, release: () => held.release() };
    });
  }

  private parts(blocks: readonly CodeBlock[]): CodeBlock[][] {
    const bytes = ({ size }: CodeBlock) => (size * this.head.vocab * this.plan.weight.bits) / 8;
    const { session = SESSION_BYTES } = this.pieces;
    const parts: CodeBlock[][] = [];
    let room = 0;
    for (const block of blocks) {
      if (bytes(block) > room) {
        parts.push([]);
        room = Math.max(session, bytes(block));
      }
      parts.at(-1)!.push(block);
      room -= bytes(block);
    }
    return parts;
  }
}
