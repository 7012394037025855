/** The order of test files: those that noticed the last change, then those that are quick, so that most changes end soon. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { cache, config } = this.ctx;
    const ms = ({ project, moduleId }: TestSpecification) => {
      const last = cache.getFileTestResults(`${project.name}:${relative(config.root, moduleId)}`);
      return last?.failed ? 0 : (last?.duration ?? 0);
    };
    return files.toSorted((a, b) => ms(a) - ms(b));
  }
}
