/** A head at work whose weight is multiplied as the file stores it. */
import type { Head } from '../recognise/find-head';
import type { PlannedView, StoredPlan } from '../views/plan-head';
import { type Linear, oneByOne } from './linear';
import { ProjectionSession } from './projection-session';
import type { BaseSoftmax } from './prompt-softmax';
import { ReleaseStack } from './release-stack';
import { floatData, floats, joined, type SessionOptions, ViewSession } from './session';

/** With more rows than these, W·Hᵀ falls behind H·Wᵀ. */
const FEW_ROWS = 8;

interface StoredSessions {
  readonly projection: ProjectionSession;
  readonly gradient: ViewSession;
  readonly fewRows?: ProjectionSession | undefined;
  readonly exact?: ProjectionSession | undefined;
  readonly deltas?: ViewSession | undefined;
}

export function openStored({ views }: StoredPlan, head: Head, options: SessionOptions): Promise<Linear> {
  return ReleaseStack.opening(async (held) => {
    const project = async (view: PlannedView) =>
      held.add(await ProjectionSession.create(view, head.hiddenSize, options));
    const projection = await project(views.projection);
    const gradient = held.add(await ViewSession.open(views.gradient, options));
    const fewRows = views.fewRows && (await project(views.fewRows));
    const exact = views.exact && (await project(views.exact));
    const deltas = views.deltas && held.add(await ViewSession.open(views.deltas, options));
    const sessions = { projection, gradient, fewRows, exact, deltas };
    return new StoredLinear(head.vocab, head.hiddenSize, sessions, held);
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

  projectDecoded(hidden: Float32Array): Promise<Float32Array> {
    return this.project(hidden);
  }

  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax> {
    return this.sessions.projection.baseSoftmax(hidden, labels);
  }

  async projectDeltas(deltas: readonly Float32Array[]): Promise<Float32Array[]> {
    const { projection, exact, deltas: together } = this.sessions;
    if (!together) return oneByOne(deltas, (delta) => (exact ?? projection).project(delta));
    const feeds = { deltas: floats(joined(deltas), [deltas.length, 1, this.hiddenSize]) };
    return parted(floatData((await together.run(feeds)).b), deltas.length);
  }

  async transposedProducts(rs: readonly Float32Array[]): Promise<Float32Array[]> {
    const { gradient, deltas: together } = this.sessions;
    const product = async (vectors: readonly Float32Array[]) => {
      const outputs = await gradient.run({ r: floats(joined(vectors), [vectors.length, this.vocab]) });
      return parted(floatData(outputs.gradient), vectors.length);
    };
    return together ? product(rs) : oneByOne(rs, async (r) => (await product([r]))[0]!);
  }

  release(): Promise<void> {
    return this.held.release();
  }
}

function parted(data: Float32Array, parts: number): Float32Array[] {
  const size = data.length / parts;
  return Array.from({ length: parts }, (_, i) => data.subarray(i * size, (i + 1) * size));
}
