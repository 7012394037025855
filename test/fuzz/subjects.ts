/** Everything that reads files of unknown origin. */
import { join } from 'node:path';
import { createEngine } from '../../engine/api/engine';
import { RunConfig, type RunEvent } from '../../engine/protocol';
import { fixtures } from '../exports/traces';
import { checkpointSubjects } from './checkpoint-subjects';
import { datasetSubject } from './dataset-subject';
import { ggufTokenizerSubject } from './gguf-tokenizer-subject';
import { onnxSubjects } from './onnx-subjects';
import type { Subject } from './subject';
import { folderSubjects, runSubjects } from './text-subjects';

export interface Subjects {
  readonly list: readonly Subject[];
  dispose(): Promise<void>;
}

/** @param folder an empty one, for what is mutated */
export async function createSubjects(folder: string): Promise<Subjects> {
  const engine = createEngine({ dataFolder: join(folder, 'data') });
  const exports = fixtures().map((fixture) => fixture.folder);
  const events: RunEvent[] = [];
  const config = RunConfig.parse({
    prompt: { kind: 'raw', text: 'Tom has 3 apples.' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 2 },
    ],
    generation: { maxNewTokens: 3 },
    listLength: 3,
  });
  await engine.run('donor', config, (event) => events.push(event));
  return {
    list: [
      ...onnxSubjects(folder, exports, engine),
      ...folderSubjects(folder, exports),
      ...runSubjects(events),
      datasetSubject(folder),
      ...checkpointSubjects(folder),
      ggufTokenizerSubject(),
    ],
    dispose: () => engine.dispose(),
  };
}

/** The subject of an input, by the subjects' shares, whatever the seed. */
export function subjectOf(list: readonly Subject[], index: number): Subject {
  const total = list.reduce((sum, { share }) => sum + share, 0);
  // A step coprime to the total spreads each subject's inputs evenly.
  let at = (index * 37) % total;
  for (const subject of list) {
    if (at < subject.share) return subject;
    at -= subject.share;
  }
  throw new Error('no subject has a share');
}
