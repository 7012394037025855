/**
 * `npm run bench`: speed as ratios, each taken in one run on one machine, against what a user would otherwise pick.
 * `--quick` takes three minutes, `--json` prints the report as JSON, `--only step,load` measures just these,
 * `--models starter,SmolLM2` on these alone, `--only files --gguf FILE` a file of one's own beside llama.cpp and
 * `--safetensors FOLDER --onnx FOLDER` the opening of two, `--page docs/BENCHMARKS.md` puts the tables into that page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { STARTER_FOLDER } from '../engine/api/engine';
import { collectAnswers } from './benchmarks/answers';
import { benchCheckpointFiles, benchOwnFiles } from './benchmarks/checkpoints';
import { decodeRows } from './benchmarks/decode';
import { benchTransport } from './benchmarks/events';
import { firstTokenRows } from './benchmarks/first-token';
import { benchGrowth } from './benchmarks/growth';
import { benchLanes } from './benchmarks/lanes';
import { distanceRows, measureLimits } from './benchmarks/limit';
import { benchLoad, type Pair } from './benchmarks/load';
import { overheadRows } from './benchmarks/overhead';
import { benchScreen } from './benchmarks/screen';
import { benchShortlist } from './benchmarks/shortlist';
import { benchStep, benchTorch } from './benchmarks/step';
import { benchThroughput } from './benchmarks/throughput';
import { wholeAnswerRows } from './benchmarks/whole-answer';
import { machine } from './machine';
import { type BenchModel, benchModels, isLarge, type LargeModel, MODEL_NAMES } from './models/models';
import { intoPage } from './page';
import { printTable, type Row } from './report';

const TITLES = {
  step: 'The SLOT step',
  load: 'Opening a model',
  'first-token': 'Time to first token (100-token prompt)',
  decode: 'Decoding',
  answer: 'What SLOT adds to a whole answer',
  throughput: 'Answers a minute, of many problems',
  checkpoints: 'One model from several kinds of file',
  files: 'Files of a trained model',
  growth: 'Growth with the prompt',
  events: 'Events',
  limit: "The machine's limits",
};
type Thing = keyof typeof TITLES;
const THINGS = Object.keys(TITLES) as Thing[];
/** What is read off answers of both sides. */
const ON_ANSWERS = ['first-token', 'decode', 'answer', 'events', 'limit'] as const;

const QUICK = {
  promptLengths: [100, 400],
  growthLengths: [500],
  rounds: 3,
  loads: 1,
  answers: { rounds: 2, newTokens: 12 },
  throughput: { rounds: 2, newTokens: 12 },
  screenTokens: 40,
};
const FULL: typeof QUICK = {
  promptLengths: [50, 100, 400, 1600],
  growthLengths: [500, 1000, 2000, 4000],
  rounds: 5,
  loads: 2,
  answers: { rounds: 3, newTokens: 64 },
  throughput: { rounds: 1, newTokens: 100 },
  screenTokens: 200,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: THINGS.join() },
    models: { type: 'string', default: MODEL_NAMES.join() },
    gguf: { type: 'string' },
    safetensors: { type: 'string' },
    onnx: { type: 'string' },
    page: { type: 'string' },
  },
});
const wanted = chosen(options.only, THINGS, 'to measure');
if (options.gguf === undefined && options.safetensors === undefined) wanted.delete('files');
const onModels = chosen(options.models, MODEL_NAMES, 'among the models');
const size = options.quick ? QUICK : FULL;
const { rounds } = size;
const found = new Map(THINGS.map((thing) => [thing, { rows: [] as Row[], notes: [] as string[] }]));
const say = (line: string) => process.stderr.write(`${line} …\n`);

const started = performance.now();
const models = benchModels(onModels, say);
const float32 = models.find(isLarge);
say("the machine's limits");
const limits = await measureLimits(rounds);
add('limit', limits.rows);
if (float32?.name === 'float32') await onFloat32(float32);
await attempt('files', 'files', () => benchOwnFiles(options, { ...size, say }));
if (onModels.has('starter'))
  await attempt('step', "a shortlist's share", () => benchShortlist(STARTER_FOLDER));
await attempt('events', "the events' way", () => benchTransport(rounds));
await attempt('events', 'the window', () => benchScreen(size.screenTokens));
if (['load', ...ON_ANSWERS].some((thing) => wanted.has(thing)))
  for (const model of models) await besideTransformersJs(model);
for (const model of models)
  await attempt('throughput', `${model.name}: answers a minute`, () =>
    benchThroughput(model, size.throughput),
  );
process.stderr.write(`measured in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);

const report = {
  at: new Date().toISOString(),
  quick: options.quick,
  machine: machine(),
  sections: THINGS.filter((thing) => wanted.has(thing)).map((thing) => ({
    title: TITLES[thing],
    ...found.get(thing)!,
  })),
};
if (options.page) writeFileSync(options.page, intoPage(readFileSync(options.page, 'utf8'), report));
if (options.json) console.log(JSON.stringify(report, undefined, 2));
else printTable(report);

/** The names of a list; ends the process at one that is not known. */
function chosen(list: string, known: readonly string[], where: string): Set<string> {
  const names = list.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return new Set(names);
  console.error(`bench: there is no "${unknown}" ${where}; there are ${known.join(', ')}`);
  process.exit(2);
}

/** What is measured on the largest model alone. */
async function onFloat32(model: LargeModel): Promise<void> {
  await attempt('step', 'the SLOT step', () => benchStep(model, { ...size, limits, say }));
  await attempt('step', 'lanes together', () => benchLanes(model, size));
  await attempt('step', 'the reference in PyTorch', async () => benchTorch(size, found.get('step')!.rows));
  await attempt('checkpoints', 'checkpoints', () => benchCheckpointFiles(model, { ...size, say }));
  await attempt('growth', 'growth', () => benchGrowth(model, size.growthLengths, say));
}

/** Measures a thing if it is wanted. What goes wrong becomes a note, and the rest goes on. */
async function attempt(thing: Thing, what: string, work: () => Promise<readonly Row[]>): Promise<void> {
  if (!wanted.has(thing)) return;
  say(what);
  try {
    add(thing, await work());
  } catch (thrown) {
    leftOut(thing, what, thrown);
  }
}

function leftOut(thing: Thing, what: string, thrown: unknown): void {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  found.get(thing)!.notes.push(`Left out: ${what}: ${why.split('\n', 1)[0]}`);
}

async function besideTransformersJs(model: BenchModel): Promise<void> {
  const { name } = model;
  let pair: Pair | undefined;
  try {
    say(`${name}: opening`);
    const load = await benchLoad(model, size.loads);
    pair = load.pair;
    add('load', load.rows);
    if (!ON_ANSWERS.some((thing) => wanted.has(thing))) return;
    say(`${name}: answers`);
    const answers = await collectAnswers(model, pair, size.answers.rounds, size.answers.newTokens);
    add('first-token', firstTokenRows(model, answers));
    add('decode', decodeRows(model, answers));
    add('answer', wholeAnswerRows(model, answers));
    add('events', overheadRows(model, answers, found.get('events')!.rows));
    if (isLarge(model)) add('limit', distanceRows(model, answers, limits));
  } catch (thrown) {
    for (const thing of ON_ANSWERS) leftOut(thing, name, thrown);
    if (!pair) leftOut('load', name, thrown);
  } finally {
    await pair?.ours.stop();
    await pair?.theirs.stop();
  }
}

function add(thing: Thing, rows: readonly Row[]): void {
  found.get(thing)!.rows.push(...rows);
}
