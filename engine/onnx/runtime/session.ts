/** Sessions over view graphs: the only place that calls onnxruntime. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { badInput, DEVICES, type Device, type EngineError, failure } from '../../protocol';
import type { PlannedView } from '../views/plan-head';
import { UNRETURNED } from '../views/shared-cache';

export { Tensor };
export type Tensors = Record<string, Tensor>;

/** Errors are thrown: onnxruntime need not log them too. */
const QUIET = 4;
env.logLevel = 'fatal';
// From 1.30 on, onnxruntime reports the use of models to Microsoft unless told not to before its first session.
process.env.ORT_DISABLE_TELEMETRY = '1';
// CUDA would round float32 to 10 bits before it multiplies; whoever prefers that says 1.
process.env.NVIDIA_TF32_OVERRIDE ??= '0';
// What onnxruntime returns counts as growth of V8's heap. While JavaScript is nearly idle, as between tokens, V8 allows a
// tenth of growth, which key-values exceed with every second token: a full collection, as dear as the token itself.
setFlagsFromString('--heap-growing-percent=200');

export function runtimeVersion(): string {
  return env.versions.node ?? env.versions.common;
}

/** What onnxruntime offers on this system; its libraries or the hardware may still be missing. */
export function offeredDevices(): Device[] {
  const names = new Set(listSupportedBackends().map(({ name }) => name));
  return DEVICES.filter((device) => names.has(device));
}

export interface SessionOptions {
  /** The folder that external data is relative to. */
  readonly folder: string;
  /** onnxruntime runs nodes without a kernel for this device on the CPU. */
  readonly device?: Device;
  /** Keep a repacked private copy of the weights, for speed. */
  readonly prepack: boolean;
  /** Whether the graph may be optimised. Folded constants would be float32 copies of weights that are stored as less. */
  readonly fold?: boolean;
  /** Once it is aborted, no further session opens. */
  readonly signal?: AbortSignal | undefined;
}

/** What onnxruntime-node says of a list, after a run that has succeeded. */
const NOT_RETURNED = 'Non tensor type is temporarily not supported.';

const NO_KERNEL = /Could not find an implementation for|is not a registered function\/op/;

export class ViewSession {
  private constructor(
    private readonly name: string,
    private readonly session: InferenceSession,
    private readonly hint: string,
  ) {}

  /** @throws EngineError also when the view cannot be written over this file */
  static async open({ name, build, session }: PlannedView, options: SessionOptions): Promise<ViewSession> {
    return ViewSession.create(name, build(), { ...options, ...session });
  }

  static async create(name: string, view: Uint8Array, options: SessionOptions): Promise<ViewSession> {
    const { device = 'cpu', signal } = options;
    if (signal) {
      // Opening blocks the event loop: this lets a cancel that arrived meanwhile be handled first.
      await setImmediate();
      signal.throwIfAborted();
    }
    try {
      const session = await InferenceSession.create(view, {
        executionProviders: [device],
        logSeverityLevel: QUIET,
        graphOptimizationLevel: (options.fold ?? true) ? 'all' : 'disabled',
        // Plans hold for one shape, and shapes change with every call; making them reserves the size of all weights.
        enableMemPattern: false,
        extra: {
          session: {
            model_external_initializers_file_folder_path: options.folder,
            disable_prepacking: options.prepack ? '0' : '1',
            // Several sessions take turns: threads that still spin after a run would slow the next one's.
            force_spinning_stop: '1',
            // Some processors saturate products of 8-bit integers unless asked not to: numbers would depend on them.
            x64quantprecision: '1',
          },
        },
      });
      return new ViewSession(name, session, device === 'cpu' ? '' : 'Try it on the CPU (device cpu).');
    } catch (error) {
      const message = `onnxruntime cannot open the ${name}: ${firstLine(error)}`;
      // The file asks for an operator in a type, such as bfloat16, that no processor's kernels are written for.
      if (device === 'cpu' && NO_KERNEL.test(message)) {
        throw badInput('unsupported-operator', message, 'Try another dtype or export of the model.');
      }
      throw failure('session', message);
    }
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /** @param outputs names of the outputs to return, each of which is copied; by default all */
  async run(feeds: Tensors, outputs: readonly string[] = this.session.outputNames): Promise<Tensors> {
    try {
      const found = (await this.session.run(feeds, outputs, { logSeverityLevel: QUIET })) as Tensors;
      return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, withBits(tensor)]));
    } catch (error) {
      throw this.failed(error);
    }
  }

  private failed(error: unknown): EngineError {
    return failure('runtime', `onnxruntime failed in the ${this.name}: ${firstLine(error)}`, this.hint);
  }

  /** Whether `runInto` can be used. */
  get takesOutputs(): boolean {
    return this.session.outputNames[0] === UNRETURNED;
  }

  /**
   * Runs and writes outputs into tensors of their shapes, which may be inputs where the operators allow it. Other than
   * `run`, it copies none of them: onnxruntime-node returns copies also of outputs that were given to it
   * (microsoft/onnxruntime#32346), in order, and ends at one that it cannot return, such as a list.
   */
  async runInto(feeds: Tensors, into: Tensors): Promise<void> {
    try {
      await this.session.run(feeds, { ...into, [UNRETURNED]: null }, { logSeverityLevel: QUIET });
    } catch (error) {
      if (!(error instanceof Error && error.message === NOT_RETURNED)) throw this.failed(error);
    }
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

export function floats(data: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', data, dims);
}

/** Vectors of one length, one behind the other. */
export function joined(vectors: readonly Float32Array[]): Float32Array {
  const [only, ...others] = vectors;
  if (only && others.length === 0) return only;
  const size = only?.length ?? 0;
  const all = new Float32Array(vectors.length * size);
  for (const [i, vector] of vectors.entries()) all.set(vector, i * size);
  return all;
}

export function ints(values: readonly number[], dims: readonly number[]): Tensor {
  const data = new BigInt64Array(values.length);
  // Most are an attention mask's, of which each token has a longer one: a BigInt is made for no 1.
  for (const [i, value] of values.entries()) data[i] = value === 1 ? 1n : BigInt(value);
  return new Tensor('int64', data, dims);
}

/**
 * A float16 tensor of these bits, on runtimes with a Float16Array too: onnxruntime would wrap them in one, and take it
 * for empty when it is fed (microsoft/onnxruntime#32323).
 */
export function halves(bits: Uint16Array, dims: readonly number[]): Tensor {
  return Object.defineProperty(new Tensor('float16', bits, dims), 'data', { value: bits });
}

/** An output in a form that can be fed back as an input. */
function withBits(tensor: Tensor): Tensor {
  const { type, data, dims } = tensor;
  if (type !== 'float16' || !ArrayBuffer.isView(data)) return tensor;
  return halves(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2), dims);
}

/** The elements of a float32 output. */
export function floatData(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw failure('runtime', 'onnxruntime returned an output of an unexpected type');
}

/** The bits of a float16 output. */
export function halfData(tensor: Tensor | undefined): Uint16Array {
  if (tensor?.type === 'float16' && tensor.data instanceof Uint16Array) return tensor.data;
  throw failure('runtime', 'onnxruntime returned an output of an unexpected type');
}

/** Up to the condition that was not met: the place in onnxruntime's source, which tells a user nothing. */
const SOURCE_PLACE = /\/\S+\.(?:cc|cuh?|h):\d+ .*? was false\. /;

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line.replace(SOURCE_PLACE, '').trimEnd();
}
