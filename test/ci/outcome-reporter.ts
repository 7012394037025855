/**
 * A Vitest reporter that writes a run's outcome to the file OUTCOME_FILE names. Vitest's own JSON leaves out the
 * errors that belong to no test, which fail a run all the same.
 */
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What failed: a line or more each. */
  readonly failures: readonly string[];
}

/** A file that could not be loaded counts as a failure, and so does an error outside all tests. */
export function outcomeOf(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Outcome {
  const failures = unhandled.map((error) => `outside all tests: ${error.stack ?? error.message}`);
  let passed = 0;
  for (const module of modules) {
    for (const { message } of module.errors()) failures.push(`${module.relativeModuleId}: ${message}`);
    for (const suite of module.children.allSuites())
      for (const { message } of suite.errors()) failures.push(`${suite.fullName}: ${message}`);
    for (const test of module.children.allTests()) {
      const { state, errors = [] } = test.result();
      if (state === 'passed') passed++;
      if (state === 'failed')
        failures.push(`${module.relativeModuleId} > ${test.fullName}: ${errors[0]?.message}`);
    }
  }
  return { passed, failed: failures.length, failures };
}

export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const { OUTCOME_FILE: file } = process.env;
    if (!file) throw new Error('OUTCOME_FILE names the file to write to');
    writeFileSync(file, JSON.stringify(outcomeOf(modules, unhandled)));
  }
}
