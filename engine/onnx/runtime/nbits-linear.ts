/** A MatMulNBits head at work. */
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { FAST_TERMS, int8Terms, TERMS } from '../views/int8-terms';
import { nBitsGradientView } from '../views/nbits-views';
import { type CodeBlock, NBitsWeight } from '../views/nbits-weight';
import type { NBitsPlan } from '../views/plan-head';
import { type Linear, oneByOne } from './linear';
import { OpenedLate } from './opened-late';
import { ProjectionSession } from './projection-session';
import type { BaseSoftmax } from './prompt-softmax';
import { ReleaseStack } from './release-stack';
import { floatData, floats, type SessionOptions, ViewSession } from './session';

/** Transposed codes of one gradient session: while it opens they are held a few times over. */
const SESSION_BYTES = 64 * 2 ** 20;

/**
 * onnxruntime widens 4-bit codes before it multiplies several rows in float32: two take three times as long as one. Up to
 * so many are sooner as terms of 8 bits, which are as exact; for more, widening costs less than it saves.
 */
const FEW_ROWS = 4;

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
  return new NBitsLinear(file, head, plan, options, session, pieces);
}

/** Sessions for consecutive parts of Wᵀ·r. */
interface Gradient {
  readonly sessions: readonly ViewSession[];
  release(): Promise<void>;
}

class NBitsLinear implements Linear {
  readonly rowsInteract = false;
  /** Opened when first needed, since it holds the codes again. */
  private readonly gradient: OpenedLate<Gradient>;
  /** As the gradient; undefined where codes are not to be held twice, or rows are multiplied no sooner so. */
  private readonly fewRows: OpenedLate<ProjectionSession> | undefined;
  private readonly lasting: SessionOptions;

  constructor(
    private readonly file: OnnxFile,
    private readonly head: Head,
    private readonly plan: NBitsPlan,
    options: SessionOptions,
    private readonly session: ProjectionSession,
    private readonly pieces: GradientPieces,
  ) {
    // What opens in a later run the signal that cancels this opening must not stop.
    this.lasting = { ...options, prepack: true, signal: undefined };
    this.gradient = new OpenedLate(() => this.openGradient());
    const { fewRows } = plan.views;
    const { prepack, device = 'cpu' } = options;
    if (fewRows && prepack && device === 'cpu')
      this.fewRows = new OpenedLate(() => ProjectionSession.create(fewRows, head.hiddenSize, this.lasting));
  }

  async project(hidden: Float32Array): Promise<Float32Array> {
    const { hiddenSize: d } = this.head;
    const rows = hidden.length / d;
    const isFew = rows > 1 && rows <= FEW_ROWS;
    if (!this.fewRows || !isFew) return this.session.project(...this.own(hidden));
    return (await this.fewRows.get()).project(...this.inTerms(hidden, TERMS));
  }

  async projectDecoded(hidden: Float32Array): Promise<Float32Array> {
    const { int8, fastDecoding } = this.plan;
    if (!fastDecoding) return this.project(hidden);
    // However many rows there are: a row's numbers are those that it has alone.
    const session = int8 ? this.session : await this.fewRows?.get();
    return session ? session.project(...this.inTerms(hidden, FAST_TERMS)) : this.project(hidden);
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
    const { sessions } = await this.gradient.get();
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
    if (this.fewRows) held.add(this.fewRows);
    held.add(this.gradient);
    await held.release();
  }

  /** The input with which the session computes the export's own numbers. */
  private own(hidden: Float32Array): [Float32Array, terms?: number] {
    return this.plan.weight.int8Activations ? [hidden, 1] : this.exact(hidden);
  }

  private exact(x: Float32Array): [Float32Array, terms?: number] {
    return this.plan.int8 ? this.inTerms(x, TERMS) : [x];
  }

  private inTerms(x: Float32Array, terms: number): [Float32Array, terms: number] {
    return [int8Terms(x, this.head.hiddenSize, this.plan.weight.blockSize, terms), terms];
  }

  private openGradient(): Promise<Gradient> {
    return ReleaseStack.opening(async (held) => {
      const { vocab, hiddenSize } = this.head;
      this.file.checkUnchanged();
      const weight = new NBitsWeight(this.file, this.plan.weight, vocab, hiddenSize, this.pieces.read);
      const sessions: ViewSession[] = [];
      for (const blocks of this.parts(weight.blocks)) {
        const view = nBitsGradientView(weight, blocks, this.plan.weight, vocab);
        sessions.push(held.add(await ViewSession.create('gradient', view, this.lasting)));
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
