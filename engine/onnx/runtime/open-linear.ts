/** Opens the head's matrix W, whatever kind of projection it is. */
import { DataType } from '../proto/data-type';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { integerProjectionView } from '../views/integer-view';
import { nBitsProjectionView } from '../views/nbits-views';
import { tiledGradientView, tiledProjectionView } from '../views/tiled-views';
import { denseViews, openDense } from './dense-linear';
import type { Linear } from './linear';
import { openNBits } from './nbits-linear';
import type { SessionOptions } from './session';
import { openTiled } from './tiled-linear';

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
