/** An open model: tokenizer, template, backbone and head, ready to run. */

import { setImmediate } from 'node:timers/promises';
import type { Prepared } from '../checkpoint/prepare/prepare';
import { originalMaxPositions } from '../config/config';
import { findHead, type Head } from '../onnx/recognise/find-head';
import { longRope } from '../onnx/recognise/long-rope';
import { HeadRuntime } from '../onnx/runtime/head-runtime';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import { type SessionOptions, ViewSession } from '../onnx/runtime/session';
import type { OnnxFile } from '../onnx/source/onnx-file';
import { backboneView, firstCallView, tokensInteract, whyNotFast } from '../onnx/views/backbone-view';
import { type Arithmetic, badInput, type Device } from '../protocol';
import { Tokenizer } from '../tokenizer/tokenizer';
import { Backbone } from './backbone';
import { type Batching, testBatching } from './batching';
import { ChatTemplate } from './chat-template';
import { type ModelFolder, readModelFolder } from './folder';
import { KvLayout } from './kv-cache';
import { madeWeights, type PreparedWeights } from './made-weights';
import { PrefixCache } from './prefix-cache';

const VOCABULARY_BATCH = 2048;
const BATCHING_TEXT = 'Tom has 3 apples and buys 5 more. How many does he have?';

export interface OpenOptions {
  readonly folder: string;
  /** The name to show; by default the folder's. */
  readonly id?: string;
  readonly dtype: string | null;
  readonly memorySaver: boolean;
  readonly device: Device;
  /** By default exact. */
  readonly arithmetic?: Arithmetic;
  /** Where weights that have to be prepared are kept; needed for such models alone. */
  readonly prepared?: PreparedWeights;
}

export class Model {
  private constructor(
    readonly folder: ModelFolder,
    readonly tokenizer: Tokenizer,
    readonly template: ChatTemplate | undefined,
    readonly backbone: Backbone,
    readonly head: HeadRuntime,
    readonly headInfo: Head,
    readonly layers: number,
    private readonly file: OnnxFile,
    /** What its weights were prepared into; undefined where they are multiplied as they are stored. */
    readonly made: Prepared | undefined,
    private readonly held: ReleaseStack,
  ) {
    this.stopIds = stopIds(folder, tokenizer, template);
    this.prefixes = new PrefixCache(head.hiddenSize);
  }

  readonly prefixes: PrefixCache;

  private tested: Promise<Batching> | undefined;

  /** Tokens that end an answer: every eos the configs name, and the template's turn end. */
  readonly stopIds: readonly number[];

  /**
   * @param signal looked at between the steps, none of which can be interrupted
   * @throws EngineError when a file is missing or broken, or the architecture is not supported; the signal's reason
   */
  static open(
    { folder: path, id, dtype, memorySaver, device, arithmetic = 'exact', prepared }: OpenOptions,
    signal?: AbortSignal,
  ): Promise<Model> {
    return ReleaseStack.opening(async (held) => {
      const folder = readModelFolder(path, dtype, id);
      await setImmediate();
      signal?.throwIfAborted();
      const tokenizer = new Tokenizer(folder);
      const template = ChatTemplate.of(folder);
      const made = await madeWeights(folder, prepared, signal);
      if (made) held.add({ release: () => made.release() });
      const file = folder.source.open(made);
      // First in, last out: the head reads from it as long as it lives.
      held.add({ release: () => file.close() });
      const headInfo = findHead(file.model);
      if (arithmetic === 'fast') checkFast(whyNotFast(file.model, headInfo));
      const kv = new KvLayout(file.model, folder.config);
      const options = { folder: file.folder, prepack: !memorySaver, device, signal };
      const backbone = await openBackbone(file, headInfo, kv, arithmetic, options, held);
      const head = held.add(await HeadRuntime.open(file, headInfo, options));
      return new Model(folder, tokenizer, template, backbone, head, headInfo, kv.layers, file, made, held);
    });
  }

  /** Whether the ONNX file and its data on disk, or what they were made of, still are as they were when it was opened. */
  get isUnchanged(): boolean {
    return this.file.isUnchanged && this.made?.isCurrent() !== false;
  }

  /** Why its layers cannot be multiplied in fast arithmetic; null where they can. */
  get noFast(): string | null {
    return whyNotFast(this.file.model, this.headInfo);
  }

  /** In tokens; undefined where nothing says. */
  get contextLength(): number | undefined {
    return this.folder.contextLength;
  }

  /**
   * How many answer tokens fit after a prompt of this length. The last token is chosen but never fed back.
   */
  room(tokens: number): number {
    const context = this.contextLength ?? Number.POSITIVE_INFINITY;
    return Math.min(context, this.backbone.mostTokens(tokens) + 1) - tokens;
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

  /** Every token's text by id: one for each logit. Spelt in batches, since a vocabulary takes a second. */
  async vocabulary(): Promise<string[]> {
    const texts: string[] = [];
    for (let id = 0; id < this.head.vocab; id++) {
      if (id % VOCABULARY_BATCH === 0) await setImmediate();
      texts.push(this.tokenizer.text(id));
    }
    return texts;
  }

  release(): Promise<void> {
    return this.held.release();
  }
}

/** @param noFast as a model has it @throws EngineError `no-fast-arithmetic` */
export function checkFast(noFast: string | null): void {
  if (noFast === null) return;
  const message = `there is no fast arithmetic for this model: ${noFast}`;
  throw badInput('no-fast-arithmetic', message, 'Open it in exact arithmetic.');
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
  const open = async (view: Uint8Array, prepack: boolean) =>
    held.add(await ViewSession.create('backbone', view, { ...options, prepack }));
  const session = await open(backboneView(file, head, arithmetic), options.prepack || packed);
  // It runs once a prompt, so repacking on each call costs little beside a second copy of the weights.
  const firstView = firstCallView(file, head, arithmetic);
  const firstCall = firstView && (await open(firstView, packed));
  return new Backbone({
    session,
    firstCall,
    longRope: longRope(file),
    inputs: file.model.inputs,
    kv,
    hiddenSize: head.hiddenSize,
    tokensInteract: tokensInteract(file.model, head),
  });
}

function stopIds(folder: ModelFolder, tokenizer: Tokenizer, template: ChatTemplate | undefined): number[] {
  const { eos_token } = folder.tokenizerConfig;
  const named = eos_token
    ? tokenizer.id(typeof eos_token === 'string' ? eos_token : eos_token.content)
    : undefined;
  const [turnEnd] = tokenizer.encode(template?.turnEnd() ?? '', false);
  const ends = [...folder.eosTokenIds];
  if (named !== undefined) ends.push(named);
  if (turnEnd !== undefined && tokenizer.isSpecial(turnEnd)) ends.push(turnEnd);
  return [...new Set(ends)];
}
