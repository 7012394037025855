/** Mutated files of every kind, some hundreds, are read or refused in one line (`npm run fuzz` does 100,000). */
import { afterAll, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../fixtures/runs';
import { Random } from './random';
import { outcomeOf } from './subject';
import { createSubjects } from './subjects';

vi.setConfig({ testTimeout: 120_000 });

const SEED = 1;
const INPUTS: Readonly<Record<string, number>> = { onnx: 200, sessions: 30, 'tokenizer.json': 40 };

const subjects = await createSubjects(temporaryFolder());
afterAll(() => subjects.dispose());

it.each(subjects.list.map((subject) => [subject.name, subject] as const))('%s', async (name, subject) => {
  const outcomes = new Map<string, number>();
  const count = INPUTS[name] ?? 80;
  for (let index = 0; index < count; index++) {
    const outcome = await outcomeOf(subject, new Random(SEED, index)).catch((error: unknown) => {
      throw new Error(`input ${index}: ${String(error)}`, { cause: error });
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  // Mutants that are all refused, or never, would test nothing.
  const accepted = outcomes.get('accepted') ?? 0;
  expect(accepted, JSON.stringify([...outcomes])).toBeGreaterThan(count / 50);
  expect(accepted).toBeLessThan(count * 0.98);
});
