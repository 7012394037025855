/** A session over a projection view: hidden [rows, d] → z [rows, V]. */
import { floatData, floats, Session, type SessionOptions } from './session';

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
    // Blocks of n·V floats pass through once per prompt.
    const session = await Session.create('projection', view, { ...options, arena: false });
    return new ProjectionSession(session, hiddenSize);
  }

  /** [rows, d] → [rows, V] */
  async run(hidden: Float32Array): Promise<Float32Array> {
    const dims = [hidden.length / this.hiddenSize, this.hiddenSize];
    const outputs = await this.session.run({ hidden: floats(hidden, dims) });
    return floatData(outputs.z);
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
