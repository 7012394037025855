/** An open model: tokenizer, template, backbone and head, ready to run. */
import { originalMaxPositions } from '../config/config';
import type { Head } from '../onnx/recognise/find-head';
import { longRope } from '../onnx/recognise/long-rope';
import { HeadRuntime } from '../onnx/runtime/head-runtime';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import { type SessionOptions, ViewSession } from '../onnx/runtime/session';
import type { OnnxFile } from '../onnx/source/onnx-file';
import {
  backboneView,
  firstCallView,
  tokensInteract,
  twoRowsApart,
  whyNotFast,
} from '../onnx/views/backbone-view';
import { type Arithmetic, badInput } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { Backbone } from './backbone';
import { type Batching, testBatching } from './batching';
import type { KvLayout } from './kv-cache';
import { type HeadParts, type ModelFiles, ModelHead, type OpenOptions, openFiles } from './model-head';
import { PrefixCache } from './prefix-cache';

export type { OpenOptions } from './model-head';

/** What runs a text up to its last hidden states. */
export interface Layers {
  readonly tokenizer: Tokenizer;
  readonly headInfo: Head;
  readonly contextLength: number | undefined;
  readonly backbone: Backbone;
}

/** Is given a model's layers for as long as it works. */
export type UseLayers = (layers: Layers) => Promise<void>;

const BATCHING_TEXT = 'Tom has 3 apples and buys 5 more. How many does he have?';

export class Model extends ModelHead {
  private constructor(
    parts: HeadParts,
    held: ReleaseStack,
    readonly backbone: Backbone,
  ) {
    super(parts, held);
    this.prefixes = new PrefixCache(parts.head.hiddenSize);
  }

  readonly prefixes: PrefixCache;

  private tested: Promise<Batching> | undefined;

  /**
   * @param signal looked at between the steps, none of which can be interrupted
   * @param useExact is given the layers in exact arithmetic on the CPU first; memory holds them once at a time
   * @throws EngineError when a file is missing or broken, or the architecture is not supported; the signal's reason
   */
  static open(options: OpenOptions, signal?: AbortSignal, useExact?: UseLayers): Promise<Model> {
    return ReleaseStack.opening(async (held) => {
      const files = await openFiles(options, held, signal);
      if (files.folder.source.isHeadAlone) throw headAlone(files.folder.id);
      const { file, headInfo, kv } = files;
      const { arithmetic = 'exact', memorySaver, device } = options;
      if (arithmetic === 'fast') checkFast(whyNotFast(file.model, headInfo));
      const session = { folder: file.folder, prepack: !memorySaver, device, signal };
      if (useExact) await withExactLayers(files, session, useExact);
      const backbone = await openBackbone(file, headInfo, kv, arithmetic, session, held);
      const head = held.add(await HeadRuntime.open(file, headInfo, session, arithmetic));
      return new Model({ ...files, head }, held, backbone);
    });
  }

  /** Why its layers cannot be multiplied in fast arithmetic; null where they can. */
  get noFast(): string | null {
    return whyNotFast(this.file.model, this.headInfo);
  }

  /**
   * How many answer tokens fit after a prompt of this length. The last token is chosen but never fed back.
   */
  room(tokens: number): number {
    const context = this.contextLength ?? Number.POSITIVE_INFINITY;
    return Math.min(context, this.backbone.mostTokens(tokens) + 1) - tokens;
  }

  /** Why an answer to a prompt of this length must end, for messages. */
  limitOf(tokens: number): string {
    const { backbone, contextLength = Number.POSITIVE_INFINITY } = this;
    const most = backbone.mostTokens(tokens);
    return most < contextLength
      ? `beyond ${most} tokens the model has other rotary angles (longrope) than this prompt was read with`
      : `the model's context holds ${contextLength}`;
  }

  /**
   * The longest prompt and answer, in tokens, for which the numbers are the original model's: optimum exports longrope
   * with its short angles at all lengths. Undefined for other exports.
   */
  get originalMaxPositions(): number | undefined {
    return this.backbone.hasLongRope ? undefined : originalMaxPositions(this.folder.config);
  }

  /** How rows of unequal length share a batch: tried when it is first asked, which takes a second on a large model. */
  async batching(): Promise<Batching> {
    const text = this.tokenizer.encode(BATCHING_TEXT, true);
    this.tested ??= testBatching(this.backbone, this.head, text);
    try {
      return await this.tested;
    } catch (error) {
      this.tested = undefined;
      throw error;
    }
  }
}

/** @param noFast as a model has it @throws EngineError `no-fast-arithmetic` */
function checkFast(noFast: string | null): void {
  if (noFast === null) return;
  const message = `there is no fast arithmetic for this model: ${noFast}`;
  throw badInput('no-fast-arithmetic', message, 'Open it in exact arithmetic.');
}

async function withExactLayers(files: ModelFiles, options: SessionOptions, use: UseLayers): Promise<void> {
  const { file, headInfo, kv, tokenizer, folder } = files;
  const held = new ReleaseStack();
  try {
    const onCpu = { ...options, device: 'cpu' } as const;
    const backbone = await openBackbone(file, headInfo, kv, 'exact', onCpu, held);
    await use({ tokenizer, headInfo, contextLength: folder.contextLength, backbone });
  } finally {
    await held.release();
  }
}

async function openBackbone(
  file: OnnxFile,
  head: Head,
  kv: KvLayout,
  arithmetic: Arithmetic,
  options: SessionOptions,
  held: ReleaseStack,
): Promise<Backbone> {
  // MatMulNBits takes ten times as long on a matrix that is not repacked.
  const packed = file.model.nodes.some(({ opType }) => opType === 'MatMulNBits');
  const open = async (view: Uint8Array, repack: boolean) =>
    held.add(await ViewSession.create('backbone', view, { ...options, prepack: repack }));
  const { device = 'cpu', prepack } = options;
  const session = await open(backboneView(file, head, arithmetic, device), prepack || packed);
  // It runs once a prompt, so repacking on each call costs little beside a second copy of the weights.
  const firstView = firstCallView(file, head, arithmetic, device);
  const firstCall = firstView && (await open(firstView, packed));
  const isOnCpu = device === 'cpu';
  return new Backbone({
    session,
    firstCall,
    longRope: longRope(file),
    inputs: file.model.inputs,
    kv,
    isOnCpu,
    twoRowsApart: isOnCpu && twoRowsApart(file.model, head, arithmetic),
    hiddenSize: head.hiddenSize,
    tokensInteract: tokensInteract(file.model, head),
  });
}

function headAlone(id: string) {
  return badInput(
    'head-alone',
    `of ${id} the head alone is here`,
    'Name the server that runs its layers, or pull the model.',
  );
}
