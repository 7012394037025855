/** A head in few bits at work, widened a cache-sized tile at a time. */
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { type TiledProjection, tiledGradientView, tiledProjectionView } from '../views/tiled-views';
import type { Linear } from './linear';
import { type BaseSoftmax, ProjectionSession } from './projection-session';
import { ReleaseStack } from './release-stack';
import { floatData, floats, Session, type SessionOptions } from './session';

/** @param own the projection with the export's own arithmetic, where that is another than the tiles' */
export function openTiled(
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

  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax> {
    return (this.interacting ?? this.exact).baseSoftmax(hidden, labels);
  }

  shift(delta: Float32Array): Promise<Float32Array> {
    return this.exact.project(delta);
  }

  async transposedProduct(r: Float32Array): Promise<Float32Array> {
    const outputs = await this.gradient.run({ r: floats(r, [1, this.vocab]) });
    return floatData(outputs.gradient);
  }

  release(): Promise<void> {
    return this.held.release();
  }
}
