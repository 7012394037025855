/**
 * Stryker asks each test whether it failed. Where what a file prepares for all its tests fails, Vitest skips these and says
 * so of the file alone.
 */
import type { RunnerTask } from 'vitest';
import type { Reporter, Vitest } from 'vitest/node';

export class FailedFiles implements Reporter {
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(): void {
    for (const file of this.vitest?.state.getFiles() ?? []) failAll(file);
  }
}

/** @param around the failure of what it is in */
function failAll(task: RunnerTask, around?: RunnerTask['result']): void {
  if (task.type === 'test') {
    if (around) Object.assign(task, { mode: 'run', result: around });
    return;
  }
  const own = task.result?.errors?.length ? task.result : around;
  for (const each of task.tasks) failAll(each, own);
}
