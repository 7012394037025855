/** Data sets of all three formats. */
import { readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { openDataset } from '../../engine/dataset/open';
import { selectProblems } from '../../engine/dataset/select';
import { DatasetSource, ProblemSelection } from '../../engine/protocol';
import { mutateBytes } from './mutate-bytes';
import type { Subject } from './subject';

const FIXTURES = join(import.meta.dirname, '..', 'dataset', 'fixtures');
const FILES = ['gsm8k.jsonl', 'gsm8k-snappy.parquet', 'gsm8k-zstd.parquet', 'mixed.parquet'] as const;
const CSV = 'problem,choices,answer,id\n"a, ""b""","[""1"",""2""]",B,x\r\nc;d,"[3,4]",3,y\n';

export function datasetSubject(folder: string): Subject {
  const originals = FILES.map((name) => ({ name: extname(name), bytes: readFileSync(join(FIXTURES, name)) }));
  originals.push({ name: '.csv', bytes: Buffer.from(CSV) });
  return {
    name: 'data sets',
    share: 3,
    attempt: async (random) => {
      const { name, bytes } = random.pick(originals);
      const path = join(folder, `mutant${name}`);
      writeFileSync(path, mutateBytes(bytes, random));
      const isChoice = bytes.includes('problem');
      const source = DatasetSource.parse({
        kind: 'file',
        path,
        skipBroken: random.below(2) === 0,
        columns: isChoice ? { question: 'problem', choices: 'choices', id: 'id' } : {},
      });
      await selectProblems(await openDataset(source), ProblemSelection.parse({ shuffle: 1 }));
    },
  };
}
