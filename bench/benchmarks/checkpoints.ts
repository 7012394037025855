/** One model from several kinds of file: opening, the first token, decoding, the SLOT step, private memory. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { prepare } from '../../engine/checkpoint/prepare/prepare';
import { readSafetensors } from '../../engine/checkpoint/safetensors/read';
import type { Arithmetic } from '../../engine/protocol';
import { Contender, type Loaded } from '../contenders/contender';
import { hasLlamaCpp } from '../contenders/llama-cpp';
import type { SideName } from '../contenders/process';
import type { Answered } from '../contenders/side';
import { alternate, milliseconds, ratio } from '../measure';
import { benchCheckpoints, CHECKPOINT, GGUF } from '../models/checkpoints';
import { type BenchModel, FOLDER, type LargeModel, sizes } from '../models/models';
import { prompt } from '../models/prompts';
import { atLeast, atMost, figure, type Row, type Target } from '../report';
import { PROMPT_TOKENS, pace, SLOT_STEPS } from './answers';

interface Subject {
  readonly name: string;
  readonly side: SideName;
  readonly folder: string;
  /** The best of a folder or file where it is left out. */
  readonly dtype?: string | undefined;
  readonly arithmetic?: Arithmetic;
}

const ONNX: Subject = { name: 'ONNX, float32', side: 'ours', folder: FOLDER, dtype: 'fp32' };
const ONNX4: Subject = { name: 'ONNX, 4 bits, exact', side: 'ours', folder: FOLDER, dtype: 'q4' };
const IN_PLACE: Subject = { ...ONNX, name: 'safetensors in place', folder: CHECKPOINT, dtype: 'safetensors' };
const PREPARED: Subject = { ...IN_PLACE, name: 'safetensors in 8 bits, exact', dtype: 'safetensors_q8' };
const Q4_0: Subject = { name: 'GGUF Q4_0, exact', side: 'ours', folder: GGUF, dtype: 'Q4_0' };
const PEER: Subject = { ...ONNX, name: 'transformers.js, float32', side: 'transformers.js' };
const LLAMA: Subject = { ...Q4_0, name: 'llama.cpp, GGUF Q4_0', side: 'llama.cpp' };

const fast = (subject: Subject): Subject => ({
  ...subject,
  name: subject.name.replace('exact', 'fast'),
  arithmetic: 'fast',
});

interface Comparison {
  readonly subject: Subject;
  readonly peer: Subject;
  readonly targets?: { readonly open?: Target; readonly decode?: Target };
}

const HALF_AS_LONG = atMost(0.5);
const LIKE_LLAMA_CPP = atLeast(0.9);

const COMPARISONS: readonly Comparison[] = [
  { subject: IN_PLACE, peer: ONNX, targets: { open: HALF_AS_LONG } },
  { subject: IN_PLACE, peer: PEER },
  { subject: PREPARED, peer: ONNX },
  { subject: fast(PREPARED), peer: ONNX },
  { subject: fast(ONNX4), peer: ONNX4 },
  { subject: Q4_0, peer: LLAMA },
  { subject: fast(Q4_0), peer: LLAMA, targets: { decode: LIKE_LLAMA_CPP } },
];

interface Options {
  readonly loads: number;
  readonly answers: { readonly rounds: number; readonly newTokens: number };
  readonly say: (line: string) => void;
}

/** @param model whose shape they all have */
export async function benchCheckpointFiles(model: LargeModel, options: Options): Promise<Row[]> {
  benchCheckpoints(options.say);
  const rows = [await preparing(model)];
  for (const comparison of COMPARISONS) {
    const { subject, peer } = comparison;
    if (peer.side === 'llama.cpp' && !hasLlamaCpp()) continue;
    options.say(`${subject.name} beside ${peer.name}`);
    rows.push(...(await compare(model, comparison, options)));
  }
  return rows;
}

/** Files that are there already. */
export interface OwnFiles {
  readonly gguf?: string | undefined;
  /** A folder of safetensors, and one of the same model's ONNX export. */
  readonly safetensors?: string | undefined;
  readonly onnx?: string | undefined;
}

/** A trained tokenizer joins characters, so that they are given words, as the starter is. */
const ASKED_IN_WORDS = { name: 'starter' } as const;

export async function benchOwnFiles(own: OwnFiles, options: Options): Promise<Row[]> {
  const rows: Row[] = [];
  for (const comparison of ownComparisons(own))
    rows.push(...(await compare(ASKED_IN_WORDS, comparison, options)));
  return rows;
}

function ownComparisons({ gguf, safetensors, onnx }: OwnFiles): Comparison[] {
  const found: Comparison[] = [];
  if (gguf !== undefined) {
    const name = basename(gguf);
    const subject: Subject = { name: `${name}, exact`, side: 'ours', folder: gguf };
    const peer: Subject = { name: `llama.cpp, ${name}`, side: 'llama.cpp', folder: gguf };
    found.push({ subject: fast(subject), peer, targets: { decode: LIKE_LLAMA_CPP } });
  }
  if (safetensors !== undefined && onnx !== undefined)
    found.push({
      subject: { ...IN_PLACE, folder: safetensors },
      peer: { ...ONNX, folder: onnx },
      targets: { open: HALF_AS_LONG },
    });
  return found;
}

const SECONDS_PER_BILLION = 15;

async function preparing(model: LargeModel): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'slot-studio-bench-'));
  try {
    const { signal } = new AbortController();
    const ms = await milliseconds(async () => {
      const options = { folder, name: 'bench', onProgress: () => {}, signal };
      (await prepare(readSafetensors(CHECKPOINT), 'q8', options)).release();
    });
    const { backboneWeights, headWeights } = sizes(model);
    const billions = (backboneWeights + headWeights) / 1e9;
    return {
      what: 'preparing safetensors in 8 bits, for a billion weights',
      figure: figure('s', [ms / 1000 / billions]),
      target: atMost(SECONDS_PER_BILLION),
      measured: { 'this model': figure('s', [ms / 1000]) },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(
  model: Pick<BenchModel, 'name'>,
  { subject, peer, targets = {} }: Comparison,
  { loads, answers }: Options,
): Promise<Row[]> {
  const opened: Record<'subject' | 'peer', Loaded[]> = { subject: [], peer: [] };
  const sides: Partial<Record<'subject' | 'peer', Contender>> = {};
  const stop = async () => {
    for (const side of Object.values(sides)) await side.stop();
  };
  try {
    // What is prepared is so before anything is timed.
    await (await open(subject, [])).stop();
    for (let round = 0; round < loads; round++) {
      await stop();
      sides.peer = await open(peer, opened.peer);
      sides.subject = await open(subject, opened.subject);
    }
    const answer = (side: Contender, steps: number) => () =>
      side.answer({ prompt: prompt(model, PROMPT_TOKENS), ...answers, lanes: [steps] });
    const work = {
      subject: answer(sides.subject!, 0),
      peer: answer(sides.peer!, 0),
      subjectSlot: answer(sides.subject!, SLOT_STEPS),
    };
    const found: Found = await (peer.side === 'ours'
      ? alternate(answers.rounds, { ...work, peerSlot: answer(sides.peer!, SLOT_STEPS) })
      : alternate(answers.rounds, work));
    return rowsOf(subject, peer, targets, opened, found);
  } finally {
    await stop();
  }
}

async function open({ side: name, folder, dtype, arithmetic = 'exact' }: Subject, into: Loaded[]) {
  const side = await Contender.start(name, { folder, dtype, arithmetic, memorySaver: false });
  into.push(await side.load());
  return side;
}

type Work = 'subject' | 'peer' | 'subjectSlot' | 'peerSlot';
type Found = Readonly<Partial<Record<Work, readonly Answered[]>>>;

function rowsOf(
  subject: Subject,
  peer: Subject,
  targets: NonNullable<Comparison['targets']>,
  opened: Readonly<Record<'subject' | 'peer', readonly Loaded[]>>,
  found: Found,
): Row[] {
  const row = (
    what: string,
    unit: 'ms' | 'MiB' | 'tokens/s',
    a: number[],
    b: number[],
    target?: Target,
  ): Row => ({
    what: `${subject.name}: ${what} over ${peer.name}`,
    figure: { ...ratio(a, b), unit: '×' },
    target,
    measured: { [subject.name]: figure(unit, a), [peer.name]: figure(unit, b) },
  });
  const of = (answers: readonly Answered[] = [], figureOf: (answered: Answered) => number) =>
    answers.map(figureOf);
  const first = ({ tokens }: Answered) => tokens[0]!;
  const rate = (answered: Answered) => 1000 / pace(answered);
  const step = ({ steps }: Answered) => steps.reduce((sum, ms) => sum + ms, 0) / steps.length;
  const rows = [
    row('first token', 'ms', of(found.subject, first), of(found.peer, first)),
    row('decoding', 'tokens/s', of(found.subject, rate), of(found.peer, rate), targets.decode),
  ];
  if (peer.side !== 'llama.cpp') {
    const [ours, theirs] = [opened.subject, opened.peer];
    const ms = (loads: readonly Loaded[]) => loads.map((load) => load.ms);
    const memory = (loads: readonly Loaded[]) => loads.map((load) => load.peak);
    rows.unshift(
      row('opening', 'ms', ms(ours), ms(theirs), targets.open),
      row('peak private memory', 'MiB', memory(ours), memory(theirs)),
    );
  }
  if (found.peerSlot)
    rows.push(row('SLOT step', 'ms', of(found.subjectSlot, step), of(found.peerSlot, step)));
  return rows;
}
