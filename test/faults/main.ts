/**
 * `npm run faults -- [--rounds 100] [--seed 1]`: real engines are stopped, hung and killed in mid-run, beside another
 * process on the same data folder; all that they had told must be readable afterwards.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundledEntry } from '../../engine/process/launch';
import { Random } from '../fuzz/random';
import { FAULTS, type Outcome, Studio } from './studio';

/** Far above what a round takes; an engine that does not come back is a failure. */
const HANG_MS = 300_000;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);

const data = mkdtempSync(join(tmpdir(), 'slot-studio-faults-'));
process.env.SLOT_STUDIO_DATA = data;
// What is shipped, and starts in a fraction of the time that the source takes.
const bundle = fileURLToPath(new URL('../../dist/electron/engine.js', import.meta.url));
const studio = new Studio(bundledEntry(bundle));
const outcomes: Outcome[] = [];
for (let number = 1; number <= rounds; number++) {
  const random = new Random(seed, number);
  const watchdog = setTimeout(() => {
    console.error(`round ${number}: ${studio.stage} has not come within ${HANG_MS / 1000} s; see ${data}`);
    process.exit(1);
  }, HANG_MS);
  const outcome = await studio.round(number, random.pick(FAULTS), random);
  clearTimeout(watchdog);
  outcomes.push(outcome);
  if (outcome.lost + outcome.hidden > 0) console.error(`round ${number}: ${JSON.stringify(outcome)}`);
  else if (number % 10 === 0) process.stderr.write(`${number} rounds\n`);
}
await studio.close();

const sum = (of: readonly Outcome[], key: 'events' | 'lost' | 'hidden') =>
  of.reduce((total, outcome) => total + outcome[key], 0);
console.log(`seed ${seed}\n\nfault   rounds   in mid-run   events told   lost   runs hidden`);
for (const fault of FAULTS) {
  const own = outcomes.filter((outcome) => outcome.fault === fault);
  const interrupted = own.filter(({ isInterrupted }) => isInterrupted).length;
  const cells = [
    String(own.length).padStart(8),
    String(interrupted).padStart(12),
    String(sum(own, 'events')).padStart(13),
    String(sum(own, 'lost')).padStart(6),
    String(sum(own, 'hidden')).padStart(13),
  ];
  console.log(`${fault.padEnd(5)} ${cells.join(' ')}`);
}
const hasFailed = sum(outcomes, 'lost') + sum(outcomes, 'hidden') > 0;
if (hasFailed) console.log(`the data is left in ${data}`);
else rmSync(data, { recursive: true, force: true });
process.exit(hasFailed ? 1 : 0);
