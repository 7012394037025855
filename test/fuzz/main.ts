/**
 * `npm run fuzz -- --inputs 100000 [--seed 1] [--from 0] [--subject onnx] [--jobs 1]`: mutated files, each made from the
 * seed and its index, read in child processes that are watched for crashes, time and memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Report } from './worker';

/** Above the longest limit that a reader sets itself (the tokenizer's, 30 s). */
const HANG_MS = 60_000;
const MAX_MEMORY_MIB = 2048;
const MAX_HEAP_MIB = 1536;
const MAX_DETAIL_LENGTH = 1500;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '1' },
    subject: { type: 'string', default: '' },
  },
});
const first = Number(values.from);
const end = first + Number(values.inputs);
const jobs = Number(values.jobs);

interface Tally {
  inputs: number;
  accepted: number;
  slowestMs: number;
  slowest: number;
}
const tallies = new Map<string, Tally>();
const refusals = new Map<string, number>();
const failures: { index: number; what: string }[] = [];
let done = 0;
let peakMiB = 0;

await Promise.all(Array.from({ length: jobs }, (_, job) => lane(first + job)));
summarise();
process.exitCode = failures.length > 0 ? 1 : 0;

/** Every `jobs`th input, in one child after the other: a new one where the last was lost. */
async function lane(from: number): Promise<void> {
  for (let next = from; next < end; ) next = await child(next);
}

/** Reads inputs until the end or until one fails it. @returns where to go on */
function child(from: number): Promise<number> {
  const process_ = start(from);
  let next = from;
  let stderr = '';
  process_.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-MAX_DETAIL_LENGTH);
  });
  return new Promise((resolve) => {
    let watchdog: NodeJS.Timeout;
    let why = '';
    const kill = (reason: string) => {
      why = reason;
      process_.kill('SIGKILL');
    };
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => kill(`no end within ${HANG_MS / 1000} s`), HANG_MS);
    };
    watch();
    process_.on('message', (report: Report) => {
      watch();
      take(report);
      next = report.index + jobs;
      if (report.peakMiB > MAX_MEMORY_MIB) {
        fail(report.index, `${report.peakMiB.toFixed(0)} MiB of memory`);
        process_.kill('SIGKILL');
      }
    });
    process_.on('exit', (code, signal) => {
      clearTimeout(watchdog);
      if (next < end && (why !== '' || code !== null || signal !== 'SIGKILL')) {
        fail(next, why || `the process died (${signal ?? code}): ${stderr}`);
        next += jobs;
      }
      resolve(next);
    });
  });
}

function start(from: number): ChildProcess {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const job = [values.seed, String(from), String(end), String(jobs), values.subject];
  const heap = `--max-old-space-size=${MAX_HEAP_MIB}`;
  return spawn(process.execPath, [heap, '--import', tsx, worker, ...job], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function take({ index, subject, ms, outcome, stack, peakMiB: peak }: Report): void {
  const tally = tallies.get(subject) ?? { inputs: 0, accepted: 0, slowestMs: 0, slowest: 0 };
  tallies.set(subject, tally);
  tally.inputs += 1;
  if (ms > tally.slowestMs) Object.assign(tally, { slowestMs: ms, slowest: index });
  peakMiB = Math.max(peakMiB, peak);
  if (stack !== undefined) fail(index, `${subject}: ${stack}`);
  else if (outcome === 'accepted') tally.accepted += 1;
  else refusals.set(outcome, (refusals.get(outcome) ?? 0) + 1);
  done += 1;
  if (done % 1000 === 0) process.stderr.write(`${done} inputs, ${failures.length} failures\n`);
}

function fail(index: number, what: string): void {
  failures.push({ index, what });
  process.stderr.write(`input ${index}: ${what.slice(0, MAX_DETAIL_LENGTH)}\n`);
}

function summarise(): void {
  console.log(`seed ${values.seed}, inputs ${first} to ${end - 1}\n`);
  console.log('subject                   inputs   accepted    slowest, ms   (input)');
  for (const [name, { inputs, accepted, slowestMs, slowest }] of tallies) {
    const cells = [
      String(inputs).padStart(9),
      String(accepted).padStart(10),
      slowestMs.toFixed(0).padStart(14),
    ];
    console.log(`${name.padEnd(22)} ${cells.join(' ')}   (${slowest})`);
  }
  const codes = [...refusals].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  console.log(`\nrefused: ${codes.join(', ')}`);
  console.log(`peak memory of a process: ${peakMiB.toFixed(0)} MiB (at most ${MAX_MEMORY_MIB} are allowed)`);
  console.log(`failures: ${failures.length}`);
  const subject = values.subject ? ` --subject ${JSON.stringify(values.subject)}` : '';
  for (const { index } of failures) {
    console.log(`  npm run fuzz -- --seed ${values.seed} --from ${index} --inputs 1${subject}`);
  }
}
