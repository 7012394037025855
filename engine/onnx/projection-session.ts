/** A session over a projection view: hidden states → z or, where the tail is affine, its exponentials. */
import { floatData, floats, ints, Session, type SessionOptions } from './session';

/** Positions without delta, exponentiated once. */
export interface Exponentials {
  /** [m, V] exp(logits - peak) */
  readonly e: Float32Array;
  /** [m] the largest logit of each position. */
  readonly peak: Float32Array;
  /** [m] */
  readonly labelLogit: Float32Array;
}

export class ProjectionSession {
  private constructor(
    private readonly session: Session,
    private readonly hiddenSize: number,
  ) {}

  static async create(
    view: Uint8Array,
    hiddenSize: number,
    options: SessionOptions,
  ): Promise<ProjectionSession> {
    return new ProjectionSession(await Session.create('projection', view, options), hiddenSize);
  }

  /** [rows, d] → z [rows, V]. @param terms whose sum a row is, each of d numbers: [rows, terms, d] */
  async project(hidden: Float32Array, terms?: number): Promise<Float32Array> {
    const rows = hidden.length / this.hiddenSize / (terms ?? 1);
    const labels = new Array<number>(rows).fill(0);
    return floatData((await this.run(hidden, labels, terms, ['z'])).z);
  }

  /** For affine tails. @param labels [rows] */
  async exponentials(hidden: Float32Array, labels: readonly number[], terms?: number): Promise<Exponentials> {
    const { e, peak, labelLogit } = await this.run(hidden, labels, terms, ['e', 'peak', 'labelLogit']);
    return { e: floatData(e), peak: floatData(peak), labelLogit: floatData(labelLogit) };
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private run(hidden: Float32Array, labels: readonly number[], terms: number | undefined, outputs: string[]) {
    const rows = labels.length;
    const dims = terms === undefined ? [rows, this.hiddenSize] : [rows, terms, this.hiddenSize];
    const feeds = { hidden: floats(hidden, dims) };
    const hasLabels = this.session.inputNames.includes('labels');
    return this.session.run(hasLabels ? { ...feeds, labels: ints(labels, [rows]) } : feeds, outputs);
  }
}
