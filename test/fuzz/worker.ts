/** Child process of the fuzz run: reads one input after the other and tells how each went. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from './random';
import { outcomeOf } from './subject';
import { createSubjects, subjectOf } from './subjects';

/** One input that was read. */
export interface Report {
  readonly index: number;
  readonly subject: string;
  readonly ms: number;
  /** `accepted`, the code it was refused with, or, with a stack, what went wrong. */
  readonly outcome: string;
  readonly stack?: string;
  /** The most this process has held in memory until now, in MiB. */
  readonly peakMiB: number;
}

const [seed, from, to, step, only] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'slot-studio-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());

const { list } = await createSubjects(folder);
for (let index = Number(from); index < Number(to); index += Number(step)) {
  const subject = only ? list.find(({ name }) => name === only) : subjectOf(list, index);
  if (!subject) throw new Error(`no such subject; there are: ${list.map(({ name }) => name).join(', ')}`);
  const started = performance.now();
  const result = await outcomeOf(subject, new Random(Number(seed), index)).then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({
      outcome: String(error),
      stack: error instanceof Error ? (error.stack ?? '') : '',
    }),
  );
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const report: Report = {
    index,
    subject: subject.name,
    ms: performance.now() - started,
    peakMiB,
    ...result,
  };
  await new Promise<void>((sent) => process.send!(report, () => sent()));
}
process.exit();
