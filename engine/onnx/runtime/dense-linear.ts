/** A float32 head at work. A tied one, [V, d], is multiplied as it lies in its file: no repacked copy gains much. */
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { denseGradientView, denseProjectionView, fewRowsView } from '../views/dense-views';
import type { Linear } from './linear';
import { type BaseSoftmax, ProjectionSession } from './projection-session';
import { ReleaseStack } from './release-stack';
import { floatData, floats, Session, type SessionOptions } from './session';

/** With more rows than these, W·Hᵀ falls behind H·Wᵀ. */
const FEW_ROWS = 8;

export function openDense(file: OnnxFile, head: Head, options: SessionOptions): Promise<Linear> {
  const { vocab, hiddenSize, projection } = head;
  const mapped = { ...options, prepack: false };
  // Optimised, the Transpose would be taken for H·Wᵀ.
  const asWritten = { ...mapped, fold: false };
  const isTied = projection.layout === 'Vd';
  return ReleaseStack.opening(async (held) => {
    const project = async (view: Uint8Array, how: SessionOptions) =>
      held.add(await ProjectionSession.create(view, hiddenSize, how));
    const projection = await project(denseProjectionView(file, head), isTied ? mapped : options);
    const gradient = held.add(await Session.create('gradient', denseGradientView(file, head), mapped));
    const fewRows = isTied ? await project(fewRowsView(file, head), asWritten) : undefined;
    return new DenseLinear(vocab, hiddenSize, projection, gradient, fewRows, held);
  });
}

/** What `openDense` opens. */
export function denseViews(file: OnnxFile, head: Head): Uint8Array[] {
  const views = [denseProjectionView(file, head), denseGradientView(file, head)];
  return head.projection.layout === 'Vd' ? [...views, fewRowsView(file, head)] : views;
}

class DenseLinear implements Linear {
  readonly rowsInteract = false;

  constructor(
    private readonly vocab: number,
    private readonly hiddenSize: number,
    private readonly projection: ProjectionSession,
    private readonly gradient: Session,
    private readonly fewRows: ProjectionSession | undefined,
    private readonly held: ReleaseStack,
  ) {}

  project(hidden: Float32Array): Promise<Float32Array> {
    const rows = hidden.length / this.hiddenSize;
    const isFew = rows > 1 && rows <= FEW_ROWS;
    return ((isFew && this.fewRows) || this.projection).project(hidden);
  }

  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax> {
    return this.projection.baseSoftmax(hidden, labels);
  }

  shift(delta: Float32Array): Promise<Float32Array> {
    return this.projection.project(delta);
  }

  async transposedProduct(r: Float32Array): Promise<Float32Array> {
    const outputs = await this.gradient.run({ r: floats(r, [1, this.vocab]) });
    return floatData(outputs.gradient);
  }

  release(): Promise<void> {
    return this.held.release();
  }
}
