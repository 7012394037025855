/** `grade`: answers in a file beside their gold answers, judged by one of the graders. */
import type { Command } from 'commander';
import { z } from 'zod';
import { gradePairs } from '../api/grading';
import {
  badInput,
  GRADERS,
  type Grade,
  type GradeRequest,
  GraderName,
  oneLine,
  visibleJson,
} from '../protocol';
import { readTextFile } from './prompt-file';

interface GradeOptions {
  readonly grader: string;
  readonly pairs: string;
  readonly pattern?: string;
  readonly json?: boolean;
}

const LIST = GRADERS.map(({ name, description }) => `  ${name.padEnd(17)} ${description}`).join('\n');

export function addGradeCommand(program: Command): void {
  program
    .command('grade')
    .description('judge answers beside their gold answers, without a model')
    .requiredOption('--grader <name>', 'who judges; see below')
    .requiredOption(
      '--pairs <file>',
      'JSON Lines, or - for stdin: {"gold": "…", "pred": "…"}; with "choices" for letters',
    )
    .option('--pattern <expression>', "the grader regex's own: its last match, or that one's first group")
    .option('--json', 'one JSON object a line for each pair: verdict, extracted, reason')
    .addHelpText('after', `\nGraders:\n${LIST}`)
    .action(gradeCommand);
}

async function gradeCommand(options: GradeOptions): Promise<void> {
  const grader = GraderName.safeParse(options.grader);
  if (!grader.success) {
    const names = GRADERS.map(({ name }) => name).join(', ');
    throw badInput('bad-option', `--grader ${options.grader}: no such grader`, `Choose one of ${names}.`);
  }
  if (options.pattern !== undefined && grader.data !== 'regex') {
    throw badInput('bad-option', `--pattern is for --grader regex, not ${grader.data}`, 'Leave it out.');
  }
  const pairs = readPairs(await readTextFile(options.pairs, 'Split it.'), options.pattern);
  const report = options.json ? undefined : new Table();
  let place = 0;
  for await (const grade of gradePairs(grader.data, pairs)) {
    const pair = pairs[place++]!;
    if (report) report.row(place, pair, grade);
    else process.stdout.write(`${visibleJson(grade)}\n`);
  }
  report?.sums();
}

/** Gold answers of some sets are numbers. */
const Answer = z.union([z.string(), z.number().transform(String)]);
const Pair = z.object({ gold: Answer, pred: Answer, choices: z.array(z.string()).max(26).optional() });

/** All of them, before anything is judged. @throws EngineError `pairs` with the number of the broken line */
function readPairs(text: string, pattern: string | undefined): GradeRequest[] {
  const pairs = text.split('\n').flatMap((line, place): GradeRequest[] => {
    if (line.trim() === '') return [];
    const { gold, pred, choices } = readPair(line, place + 1);
    return [{ gold, answer: pred, ...(choices && { choices }), ...(pattern !== undefined && { pattern }) }];
  });
  if (pairs.length > 0) return pairs;
  throw badInput('pairs', 'the pairs: there is none', 'Give it lines of {"gold": "…", "pred": "…"}.');
}

function readPair(line: string, number: number): z.infer<typeof Pair> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw broken(number, 'it is not JSON');
  }
  const parsed = Pair.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw broken(number, path.length > 0 ? `${path.join('.')}: ${message}` : message);
}

function broken(number: number, problem: string): Error {
  return badInput(
    'pairs',
    `the pairs' line ${number}: ${problem}`,
    'It should be {"gold": "…", "pred": "…"}.',
  );
}

const WIDTH = 32;

/** For a reader: a row as soon as it is judged, and the sums. */
class Table {
  readonly #counts = { right: 0, wrong: 0, undecided: 0 };

  row(place: number, { gold }: GradeRequest, { extracted, verdict, reason }: Grade): void {
    this.#counts[verdict]++;
    if (place === 1) this.#line('', 'verdict', 'gold', 'taken of the answer');
    const taken = extracted === null ? '–' : oneLine(extracted, WIDTH);
    this.#line(
      String(place),
      verdict,
      oneLine(gold, WIDTH),
      reason === undefined ? taken : `${taken}  ${oneLine(reason)}`,
    );
  }

  sums(): void {
    const { right, wrong, undecided } = this.#counts;
    process.stdout.write(
      `\n${right} right, ${wrong} wrong, ${undecided} undecided of ${right + wrong + undecided}\n`,
    );
  }

  #line(place: string, verdict: string, gold: string, taken: string): void {
    process.stdout.write(`${place.padStart(6)}  ${verdict.padEnd(9)}  ${gold.padEnd(WIDTH + 1)}  ${taken}\n`);
  }
}
