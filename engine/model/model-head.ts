/** What of a model is always on this machine: its tokenizer, its template and its head, whose layers may be elsewhere. */
import { setImmediate } from 'node:timers/promises';
import type { Prepared } from '../checkpoint/prepare/prepare';
import { checkFetched } from '../files/fetched';
import { findHead, type Head } from '../onnx/recognise/find-head';
import { HeadRuntime } from '../onnx/runtime/head-runtime';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import type { OnnxFile } from '../onnx/source/onnx-file';
import type { Arithmetic, Device } from '../protocol';
import { Tokenizer } from '../tokenizer/tokenizer';
import { ChatTemplate } from './chat-template';
import { type ModelFolder, readModelFolder } from './folder';
import { KvLayout } from './kv-cache';
import { madeWeights, type PreparedWeights } from './made-weights';

const VOCABULARY_BATCH = 2048;

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

/** A model's files, open and understood. */
export interface ModelFiles {
  readonly folder: ModelFolder;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
  readonly file: OnnxFile;
  readonly headInfo: Head;
  readonly kv: KvLayout;
  /** What its weights were prepared into; undefined where they are multiplied as they are stored. */
  readonly made: Prepared | undefined;
}

export interface HeadParts extends ModelFiles {
  readonly head: HeadRuntime;
}

export class ModelHead {
  readonly folder: ModelFolder;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
  readonly head: HeadRuntime;
  readonly headInfo: Head;
  readonly layers: number;
  readonly made: Prepared | undefined;
  /** Tokens that end an answer: every eos the configs name, and the template's turn end. */
  readonly stopIds: readonly number[];
  protected readonly file: OnnxFile;

  protected constructor(
    parts: HeadParts,
    private readonly held: ReleaseStack,
  ) {
    const { folder, tokenizer, template, head, headInfo, kv, made, file } = parts;
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.template = template;
    this.head = head;
    this.headInfo = headInfo;
    this.layers = kv.layers;
    this.made = made;
    this.file = file;
    this.stopIds = stopIds(folder, tokenizer, template);
  }

  /** Without the layers, which are not loaded. @throws as `Model.open` */
  static openHead(options: OpenOptions, signal?: AbortSignal): Promise<ModelHead> {
    return ReleaseStack.opening(async (held) => {
      const files = await openFiles(options, held, signal);
      const { file, headInfo } = files;
      const session = { folder: file.folder, prepack: !options.memorySaver, device: options.device, signal };
      const head = held.add(await HeadRuntime.open(file, headInfo, session));
      return new ModelHead({ ...files, head }, held);
    });
  }

  /** In tokens; undefined where nothing says. */
  get contextLength(): number | undefined {
    return this.folder.contextLength;
  }

  /** Whether the ONNX file and its data on disk, or what they were made of, still are as they were when it was opened. */
  get isUnchanged(): boolean {
    return this.file.isUnchanged && this.made?.isCurrent() !== false;
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

/** @param held is given what has to be closed again */
export async function openFiles(
  { folder: path, dtype, id, prepared }: OpenOptions,
  held: ReleaseStack,
  signal?: AbortSignal,
): Promise<ModelFiles> {
  const folder = readModelFolder(path, dtype, id);
  folder.source.files.forEach(checkFetched);
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
  const kv = new KvLayout(file.model, folder.config);
  return { folder, tokenizer, template, file, headInfo, kv, made };
}

function stopIds(folder: ModelFolder, tokenizer: Tokenizer, template: ChatTemplate | undefined): number[] {
  const { eos_token } = folder.tokenizerConfig;
  const named = eos_token
    ? tokenizer.id(typeof eos_token === 'string' ? eos_token : eos_token.content)
    : undefined;
  const [turnEnd] = template ? tokenizer.encode(template.turnEnd(), false) : [];
  const ends = [...folder.eosTokenIds];
  if (named !== undefined) ends.push(named);
  if (turnEnd !== undefined && tokenizer.isSpecial(turnEnd)) ends.push(turnEnd);
  return [...new Set(ends)];
}
