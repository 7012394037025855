/** A session over a projection view: hidden states → z or, where the tail is affine, its softmax. */
import type { PlannedView } from '../views/plan-head';
import type { BaseSoftmax } from './prompt-softmax';
import { floatData, floats, ints, type SessionOptions, ViewSession } from './session';

export class ProjectionSession {
  private constructor(
    private readonly session: ViewSession,
    private readonly hiddenSize: number,
  ) {}

  static async create(
    view: PlannedView,
    hiddenSize: number,
    options: SessionOptions,
  ): Promise<ProjectionSession> {
    return new ProjectionSession(await ViewSession.open(view, options), hiddenSize);
  }

  /** [rows, d] → z [rows, V]. @param terms whose sum a row is, each of d numbers: [rows, terms, d] */
  async project(hidden: Float32Array, terms?: number): Promise<Float32Array> {
    const rows = hidden.length / this.hiddenSize / (terms ?? 1);
    const labels = new Array<number>(rows).fill(0);
    return floatData((await this.run(hidden, labels, terms, ['z'])).z);
  }

  /** For affine tails. @param labels [rows] */
  async baseSoftmax(hidden: Float32Array, labels: readonly number[], terms?: number): Promise<BaseSoftmax> {
    const { p, nll } = await this.run(hidden, labels, terms, ['p', 'nll']);
    return { p: floatData(p), nll: floatData(nll) };
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
