/** A head at work whose weight is multiplied as the file stores it. */
import type { Head } from '../recognise/find-head';
import type { PlannedView, StoredPlan } from '../views/plan-head';
import type { Linear } from './linear';
import { type BaseSoftmax, ProjectionSession } from './projection-session';
import { ReleaseStack } from './release-stack';
import { floatData, floats, type SessionOptions, ViewSession } from './session';

/** With more rows than these, W·Hᵀ falls behind H·Wᵀ. */
const FEW_ROWS = 8;

interface StoredSessions {
  readonly projection: ProjectionSession;
  readonly gradient: ViewSession;
  readonly fewRows?: ProjectionSession | undefined;
  readonly exact?: ProjectionSession | undefined;
}

export function openStored({ views }: StoredPlan, head: Head, options: SessionOptions): Promise<Linear> {
  return ReleaseStack.opening(async (held) => {
    const project = async (view: PlannedView) =>
      held.add(await ProjectionSession.create(view, head.hiddenSize, options));
    const projection = await project(views.projection);
    const gradient = held.add(await ViewSession.open(views.gradient, options));
    const fewRows = views.fewRows && (await project(views.fewRows));
    const exact = views.exact && (await project(views.exact));
    return new StoredLinear(head.vocab, head.hiddenSize, { projection, gradient, fewRows, exact }, held);
  });
}

class StoredLinear implements Linear {
  constructor(
    private readonly vocab: number,
    private readonly hiddenSize: number,
    private readonly sessions: StoredSessions,
    private readonly held: ReleaseStack,
  ) {}

  get rowsInteract(): boolean {
    return this.sessions.exact !== undefined;
  }

  project(hidden: Float32Array): Promise<Float32Array> {
    const { projection, fewRows } = this.sessions;
    const rows = hidden.length / this.hiddenSize;
    const isFew = rows > 1 && rows <= FEW_ROWS;
    return ((isFew && fewRows) || projection).project(hidden);
  }

  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax> {
    return this.sessions.projection.baseSoftmax(hidden, labels);
  }

  projectDelta(delta: Float32Array): Promise<Float32Array> {
    return (this.sessions.exact ?? this.sessions.projection).project(delta);
  }

  async transposedProduct(r: Float32Array): Promise<Float32Array> {
    const outputs = await this.sessions.gradient.run({ r: floats(r, [1, this.vocab]) });
    return floatData(outputs.gradient);
  }

  release(): Promise<void> {
    return this.held.release();
  }
}
