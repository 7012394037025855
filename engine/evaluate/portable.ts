/** A job as one text of JSON Lines: its manifest, its problems, its answers; and back. */
import { z } from 'zod';
import { AnswerRecord, badInput, EngineError, MAX_PROBLEMS, Problem } from '../protocol';
import type { Job } from './job';
import { Manifest } from './job-folder';

const Line = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('evaluation'), manifest: Manifest }),
  z.strictObject({ kind: z.literal('problem'), problem: Problem }),
  z.strictObject({ kind: z.literal('held-out'), problem: Problem }),
  z.strictObject({ kind: z.literal('answer'), answer: AnswerRecord }),
]);
type Line = z.infer<typeof Line>;

export interface Portable {
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
  readonly heldOut: readonly Problem[];
  readonly answers: readonly AnswerRecord[];
}

/** Answers by problem, lane and sample, in whatever order they were given: the same job makes the same text. */
export function exportJob({ folder, problems }: Job): string {
  const { manifest } = folder;
  const answers = [...folder.answers()];
  const place = new Map(problems.map(({ id }, at) => [id, at]));
  const lane = new Map(manifest.config.lanes.map(({ name }, at) => [name, at]));
  answers.sort(
    (a, b) =>
      place.get(a.problem)! - place.get(b.problem)! ||
      lane.get(a.lane)! - lane.get(b.lane)! ||
      a.sample - b.sample,
  );
  const lines: Line[] = [
    { kind: 'evaluation', manifest: { ...manifest, owner: null } },
    ...problems.map((problem) => ({ kind: 'problem', problem }) as const),
    ...folder.heldOut().map((problem) => ({ kind: 'held-out', problem }) as const),
    ...answers.map((answer) => ({ kind: 'answer', answer }) as const),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** @throws EngineError `bad-evaluation-file` that names the line */
export function importJob(text: string): Portable {
  let manifest: Manifest | undefined;
  const problems: Problem[] = [];
  const heldOut: Problem[] = [];
  const answers: AnswerRecord[] = [];
  for (const [at, written] of text.split('\n').entries()) {
    if (written.trim() === '') continue;
    const line = parseLine(written, at + 1);
    if ((line.kind === 'evaluation') !== (manifest === undefined))
      throw broken(at + 1, 'an evaluation begins with its own line, once');
    if (line.kind === 'evaluation') manifest = line.manifest;
    else if (line.kind === 'problem') problems.push(line.problem);
    else if (line.kind === 'held-out') heldOut.push(line.problem);
    else answers.push(line.answer);
    if (problems.length > MAX_PROBLEMS) throw broken(at + 1, `more than ${MAX_PROBLEMS} problems`);
  }
  if (!manifest) throw broken(1, 'there is no evaluation in it');
  return { manifest, problems, heldOut, answers };
}

function parseLine(written: string, number: number): Line {
  try {
    const json: unknown = JSON.parse(written);
    if (z.object({ type: z.literal('run.started') }).safeParse(json).success) throw isRun(number);
    return Line.parse(json);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (error instanceof z.ZodError) {
      const [issue] = error.issues;
      if (issue?.path.length === 0 || issue?.path[0] === 'kind')
        throw broken(number, 'it is no line of an evaluation');
      throw broken(number, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
    }
    throw broken(number, 'no JSON');
  }
}

function isRun(line: number): EngineError {
  const message = `line ${line}: it begins a run, not an evaluation`;
  return badInput('bad-evaluation-file', message, 'Import it under Runs.');
}

function broken(line: number, why: string): EngineError {
  return badInput('bad-evaluation-file', `line ${line}: ${why}`, 'Export the evaluation again.');
}
