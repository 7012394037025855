/** `runs`: stored runs, listed, and their deltas held to each other. */
import type { Command } from 'commander';
import {
  badInput,
  chanceOfCosines,
  oneLine,
  type Result,
  readRunSource,
  toCsv,
  visibleJson,
} from '../protocol';
import { withEngine } from './with-engine';

export function addRunsCommand(program: Command): void {
  const runs = program.command('runs').description('stored runs');
  runs
    .command('list')
    .description('every one, newest first')
    .option('--json', 'one JSON object a line')
    .action(list);
  runs
    .command('similarity <runs...>')
    .description(
      'the cosine of every two of their deltas, each run as RUN[/LANE][@STEP], all lanes where none is named: 1 the same direction, 0 unrelated, -1 opposite',
    )
    .option('--json', 'as JSON')
    .option('--csv', 'as CSV')
    .action(similarity);
}

function list({ json }: { readonly json?: boolean }): Promise<void> {
  return withEngine(async (engine) => {
    const { runs } = await engine.query('runs.list', {});
    if (runs.length === 0) process.stderr.write('no run is stored yet: `run --save` keeps one\n');
    for (const run of runs) {
      const { runId, at, model, lanes, prompt } = run;
      const names = lanes.map(({ name }) => oneLine(name, 30)).join(', ');
      const line = `${runId}  ${at.slice(0, 16)}  ${oneLine(model, 40)}  ${names}  ${oneLine(prompt, 60)}`;
      process.stdout.write(`${json ? visibleJson(run) : line}\n`);
    }
  });
}

interface SimilarityOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

async function similarity(written: readonly string[], { json, csv }: SimilarityOptions): Promise<void> {
  const deltas = written.map((text) => {
    const source = readRunSource(text);
    if (!source)
      throw badInput('bad-option', `"${text}" is not RUN[/LANE][@STEP]`, 'List runs with: runs list');
    const { kind: _, ...place } = source;
    return place;
  });
  await withEngine(async (engine) => {
    const found = await engine.query('deltas.similarity', { deltas });
    if (found.deltas.length < 2)
      throw badInput('bad-option', 'one delta has nothing to be like', 'Name two runs or more.');
    if (json) process.stdout.write(`${visibleJson(found)}\n`);
    else process.stdout.write(csv ? tableOf(found) : matrixOf(found));
  });
}

type Similarity = Result<'deltas.similarity'>;

function tableOf({ deltas, cosines }: Similarity): string {
  const names = deltas.map(nameOf);
  return toCsv({
    columns: ['delta', ...names],
    rows: names.map((name, i) => [name, ...cosines[i]!]),
  });
}

function matrixOf({ deltas, cosines, hidden }: Similarity): string {
  const heads = deltas.map((_, i) => String(i + 1).padStart(7)).join('');
  const rows = deltas.map((delta, i) => {
    const cells = cosines[i]!.map((value) => (value === null ? '–' : value.toFixed(3)).padStart(7)).join('');
    return `${String(i + 1).padStart(3)}${cells}   ${nameOf(delta)}, norm ${delta.norm.toFixed(3)}`;
  });
  return `   ${heads}\n${rows.join('\n')}\n${chanceOfCosines(hidden)}\n`;
}

function nameOf({ runId, lane, step }: Similarity['deltas'][number]): string {
  return `${runId}/${lane}@${step}`;
}
