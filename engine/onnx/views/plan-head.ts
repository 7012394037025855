/**
 * Which views a head needs. Inspection builds them and opening runs them, so that inspection refuses every file that
 * opening would.
 */
import type { Arithmetic } from '../../protocol';
import { byteLength, DataType } from '../proto/data-type';
import type { Head } from '../recognise/find-head';
import type { IntegerProjection, NBitsProjection } from '../recognise/projection';
import type { OnnxFile } from '../source/onnx-file';
import { denseDeltasView, denseGradientView, denseProjectionView, fewRowsView } from './dense-views';
import { distributionView, divergenceView } from './distribution-view';
import { integerProjectionView } from './integer-view';
import { nBitsFewRowsView, nBitsProjectionView } from './nbits-views';
import { growthView, narrowView, objectiveView, shiftedSoftmaxView } from './slot-views';
import { type TiledProjection, tiledGradientView, tiledProjectionView } from './tiled-views';

export interface PlannedView {
  /** As errors name it. */
  readonly name: string;
  /** @throws EngineError when the view cannot be written over this file */
  readonly build: () => Uint8Array;
  /** Session options that the view requires, whatever the user chose. */
  readonly session?: { readonly prepack?: boolean; readonly fold?: boolean; readonly device?: 'cpu' };
}

/** A weight that is multiplied as the file stores it. */
export interface StoredPlan {
  readonly kind: 'stored';
  readonly views: {
    /** With the export's own arithmetic. */
    readonly projection: PlannedView;
    readonly gradient: PlannedView;
    /** The projection once more, for lanes that decode together. */
    readonly fewRows?: PlannedView;
    /** With W dequantised exactly, where `projection` rounds the activations of all rows together. */
    readonly exact?: PlannedView;
    /** W·delta of all lanes of a prompt; the gradient takes all of theirs as well. */
    readonly deltas?: PlannedView;
  };
}

/** MatMulNBits. The views of its gradient hold the codes again: they are written when the first gradient is taken. */
export interface NBitsPlan {
  readonly kind: 'nbits';
  readonly weight: NBitsProjection;
  /** Whether the projection rounds its input to 8 bits. */
  readonly int8: boolean;
  /** Whether rows that are decoded are multiplied in fewer terms of 8 bits than hold them exactly. */
  readonly fastDecoding: boolean;
  readonly views: {
    readonly projection: PlannedView;
    /** The projection once more, in terms of 8 bits, for a few rows. */
    readonly fewRows?: PlannedView;
  };
}

export interface HeadPlan {
  readonly linear: StoredPlan | NBitsPlan;
  readonly views: {
    readonly shiftedSoftmax: PlannedView;
    readonly narrowShiftedSoftmax: PlannedView;
    readonly narrow: PlannedView;
    readonly growth: PlannedView;
    readonly objective: PlannedView;
    readonly distribution: PlannedView;
    readonly divergence: PlannedView;
  };
}

/** What it reads, n·V probabilities, lies in the processor's memory: taking them to a GPU costs more than their sums. */
const WHERE_THEY_LIE = { device: 'cpu' } as const;

export function planHead(file: OnnxFile, head: Head, arithmetic: Arithmetic = 'exact'): HeadPlan {
  return {
    linear: planLinear(file, head, arithmetic),
    views: {
      shiftedSoftmax: {
        name: 'shifted softmax',
        build: () => shiftedSoftmaxView(head, false),
        session: WHERE_THEY_LIE,
      },
      narrowShiftedSoftmax: {
        name: 'shifted softmax',
        build: () => shiftedSoftmaxView(head, true),
        session: WHERE_THEY_LIE,
      },
      narrow: { name: 'narrowed softmax', build: () => narrowView(head), session: WHERE_THEY_LIE },
      growth: { name: 'growth', build: () => growthView(file, head), session: WHERE_THEY_LIE },
      objective: { name: 'objective', build: () => objectiveView(file, head) },
      distribution: { name: 'distribution', build: () => distributionView(file, head) },
      divergence: { name: 'divergence', build: () => divergenceView(head) },
    },
  };
}

/** All views of a plan. */
export function plannedViews({ linear, views }: HeadPlan): PlannedView[] {
  return [...Object.values<PlannedView>(linear.views), ...Object.values(views)];
}

function planLinear(file: OnnxFile, head: Head, arithmetic: Arithmetic): HeadPlan['linear'] {
  const { projection } = head;
  switch (projection.kind) {
    case 'dense':
      return projection.weight.dataType === DataType.FLOAT
        ? planDense(file, head)
        : planTiled(file, head, projection);
    case 'dequantized':
      return planTiled(file, head, projection);
    case 'integer':
      return planInteger(file, head, projection);
    case 'nbits':
      return planNBits(file, head, projection, arithmetic);
    default:
      return projection satisfies never;
  }
}

/** In bytes. Repacked, SmolLM2-135M's tied head takes 5.4 ms for a row instead of 9.1; a copy of a large one is too dear. */
const LARGEST_REPACKED = 128 * 2 ** 20;

/** Whether z is W·h of a tied weight, [V, d], as it lies in its file, whatever the user chose. */
export function isReadInPlace(projection: Head['projection']): boolean {
  if (projection.kind !== 'dense' || projection.layout !== 'Vd') return false;
  const { dataType, dims } = projection.weight;
  return dataType !== DataType.FLOAT || (byteLength(dataType, dims) ?? 0) > LARGEST_REPACKED;
}

function planDense(file: OnnxFile, head: Head): StoredPlan {
  const isTied = head.projection.layout === 'Vd';
  const isInPlace = isReadInPlace(head.projection);
  const mapped = { prepack: false };
  const projection = {
    name: 'projection',
    build: () => denseProjectionView(file, head),
    session: isInPlace ? mapped : {},
  };
  const gradient = { name: 'gradient', build: () => denseGradientView(file, head), session: mapped };
  if (!isTied) return { kind: 'stored', views: { projection, gradient } };
  const deltas = { name: 'projection', build: () => denseDeltasView(file, head), session: mapped };
  if (!isInPlace) return { kind: 'stored', views: { projection, gradient, deltas } };
  const fewRows = {
    name: 'projection',
    build: () => fewRowsView(file, head),
    // Optimised, the Transpose would be taken for H·Wᵀ.
    session: { ...mapped, fold: false },
  };
  return { kind: 'stored', views: { projection, gradient, fewRows, deltas } };
}

/** Folded or repacked, the weights would be float32 copies of what is stored as less. */
const AS_STORED = { fold: false, prepack: false };

function planTiled(file: OnnxFile, head: Head, weight: TiledProjection): StoredPlan {
  return {
    kind: 'stored',
    views: {
      projection: {
        name: 'projection',
        build: () => tiledProjectionView(file, head, weight),
        session: AS_STORED,
      },
      gradient: { name: 'gradient', build: () => tiledGradientView(file, head, weight), session: AS_STORED },
    },
  };
}

function planInteger(file: OnnxFile, head: Head, weight: IntegerProjection): StoredPlan {
  const { projection: exact, gradient } = planTiled(file, head, weight).views;
  const projection = { name: 'projection', build: () => integerProjectionView(file, head, weight) };
  return { kind: 'stored', views: { projection, gradient, exact } };
}

function planNBits(file: OnnxFile, head: Head, weight: NBitsProjection, arithmetic: Arithmetic): NBitsPlan {
  // For 8 bits only the int8 product is fast, and without prepacking the operator takes ten times as long.
  const int8 = weight.bits === 8 || weight.int8Activations;
  const projection = {
    name: 'projection',
    build: () => nBitsProjectionView(file, head, weight, int8),
    session: { prepack: true },
  };
  // An export's own 8-bit activations are one term in both arithmetics.
  const fastDecoding = arithmetic === 'fast' && !weight.int8Activations;
  const plan = { kind: 'nbits', weight, int8, fastDecoding } as const;
  if (int8) return { ...plan, views: { projection } };
  const build = () => nBitsFewRowsView(file, head, weight);
  return { ...plan, views: { projection, fewRows: { ...projection, build } } };
}
