/** The head's matrix W at work, in whatever form the export keeps it. */
import { DataType } from '../proto/data-type';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { integerProjectionView } from '../views/integer-view';
import { nBitsProjectionView } from '../views/nbits-views';
import { type TiledProjection, tiledGradientView, tiledProjectionView } from '../views/tiled-views';
import { denseViews, openDense } from './dense-linear';
import { openNBits } from './nbits-linear';
import { ProjectionSession, type Unshifted } from './projection-session';
import { ReleaseStack } from './release-stack';
import { floatData, floats, Session, type SessionOptions } from './session';

export interface Linear {
  /** Whether rows projected together influence each other's numbers. */
  readonly rowsInteract: boolean;
  /** z = W·h for each row with the export's own arithmetic: [rows, d] → [rows, V]. */
  project(hidden: Float32Array): Promise<Float32Array>;
  /** The same z behind the tail, as probabilities; for affine tails. @param labels [rows] */
  unshifted(hidden: Float32Array, labels: readonly number[]): Promise<Unshifted>;
  /** W·delta with W dequantised exactly: [d] → [V]. */
  shift(delta: Float32Array): Promise<Float32Array>;
  /** Wᵀ·r with W dequantised exactly: [V] → [d]. */
  backproject(r: Float32Array): Promise<Float32Array>;
  /** Before the file is closed. */
  release(): Promise<void>;
}

export function openLinear(file: OnnxFile, head: Head, options: SessionOptions): Promise<Linear> {
  const { projection } = head;
  switch (projection.kind) {
    case 'dense':
      return projection.weight.dataType === DataType.FLOAT
        ? openDense(file, head, options)
        : openTiled(file, head, projection, options);
    case 'dequantized':
      return openTiled(file, head, projection, options);
    case 'integer': {
      const own = integerProjectionView(file, head, projection);
      return openTiled(file, head, projection, options, own);
    }
    case 'nbits':
      return openNBits(file, head, projection, options);
    default:
      return projection satisfies never;
  }
}

/** The views that opening builds: whatever of the file they refuse is refused without a session. */
export function linearViews(file: OnnxFile, head: Head): Uint8Array[] {
  const { projection } = head;
  switch (projection.kind) {
    case 'dense':
      if (projection.weight.dataType === DataType.FLOAT) return denseViews(file, head);
      return [tiledProjectionView(file, head, projection), tiledGradientView(file, head, projection)];
    case 'dequantized':
      return [tiledProjectionView(file, head, projection), tiledGradientView(file, head, projection)];
    case 'integer':
      return [integerProjectionView(file, head, projection), tiledGradientView(file, head, projection)];
    case 'nbits':
      return [nBitsProjectionView(file, head, projection, projection.int8Activations)];
    default:
      return projection satisfies never;
  }
}

/** @param own the projection with the export's own arithmetic, where that is another than the tiles' */
function openTiled(
  file: OnnxFile,
  head: Head,
  projection: TiledProjection,
  options: SessionOptions,
  own?: Uint8Array,
): Promise<Linear> {
  const tiled = { ...options, fold: false, prepack: false };
  return ReleaseStack.opening(async (held) => {
    const project = async (view: Uint8Array, how: SessionOptions) =>
      held.add(await ProjectionSession.create(view, head.hiddenSize, how));
    const exact = await project(tiledProjectionView(file, head, projection), tiled);
    const gradientView = tiledGradientView(file, head, projection);
    const gradient = held.add(await Session.create('gradient', gradientView, tiled));
    const interacting = own && (await project(own, options));
    return new TiledLinear(head.vocab, held, gradient, exact, interacting);
  });
}

class TiledLinear implements Linear {
  constructor(
    private readonly vocab: number,
    private readonly held: ReleaseStack,
    private readonly gradient: Session,
    private readonly exact: ProjectionSession,
    /** The projection with activations that are rounded together. */
    private readonly interacting?: ProjectionSession,
  ) {}

  get rowsInteract(): boolean {
    return this.interacting !== undefined;
  }

  project(hidden: Float32Array): Promise<Float32Array> {
    return (this.interacting ?? this.exact).project(hidden);
  }

  unshifted(hidden: Float32Array, labels: readonly number[]): Promise<Unshifted> {
    return (this.interacting ?? this.exact).unshifted(hidden, labels);
  }

  shift(delta: Float32Array): Promise<Float32Array> {
    return this.exact.project(delta);
  }

  async backproject(r: Float32Array): Promise<Float32Array> {
    const outputs = await this.gradient.run({ r: floats(r, [1, this.vocab]) });
    return floatData(outputs.gradient);
  }

  release(): Promise<void> {
    return this.held.release();
  }
}
