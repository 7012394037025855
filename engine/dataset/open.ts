/** Finds a data set: bundled, in the Hugging Face cache, on the hub, or a file. */
import { fileURLToPath } from 'node:url';
import { HubDatasets } from '../hub/datasets';
import { badInput, type DatasetSource } from '../protocol';
import { type Dataset, fileDataset, problemOf } from './dataset';
import { dataFiles, type HubName, NAMED_SETS } from './named';
import { optionalTextAt, textAt } from './values';

const STARTER_PROBLEMS = fileURLToPath(new URL('../../assets/starter/heldout.jsonl', import.meta.url));

interface OpenOptions {
  readonly hub?: HubDatasets;
  /** Ends a download. */
  readonly signal?: AbortSignal;
}

/**
 * A named set that is not in the cache is downloaded into it; nothing is read yet.
 * @throws EngineError: no such split, no access to the hub
 */
export async function openDataset(source: DatasetSource, options: OpenOptions = {}): Promise<Dataset> {
  if (source.kind === 'file') return fileDataset(source);
  const { name, split } = source;
  if (name !== 'starter') return hubDataset(name, split, options);
  if (split !== null) throw noSplit('starter', split, []);
  return starterDataset();
}

/** The 400 problems of the starter's model card, each with its own system prompt. */
function starterDataset(): Dataset {
  return {
    files: [{ path: STARTER_PROBLEMS, format: 'jsonl' }],
    wanted: ['system', 'question', 'answer', 'kind'],
    read: (values, row) =>
      problemOf({
        id: String(row),
        question: textAt(values, 'question'),
        gold: textAt(values, 'answer'),
        subject: textAt(values, 'kind'),
        system: optionalTextAt(values, 'system'),
      }),
    skipBroken: false,
    source: "the starter model's held-out problems (bundled)",
    licence: 'MIT',
    gold: () => '"answer"',
  };
}

async function hubDataset(name: HubName, asked: string | null, options: OpenOptions): Promise<Dataset> {
  const { hub = new HubDatasets(), signal } = options;
  const set = NAMED_SETS[name];
  const split = asked ?? set.splits[0];
  if (!set.splits.includes(split)) throw noSplit(name, split, set.splits);
  const isWanted = (path: string) => set.files(split).test(path);
  const found = hub.find(set.id, isWanted) ?? (await hub.pull(set.id, isWanted, signal));
  const { commit, files } = found;
  const count = files.length === 1 ? '' : `, ${files.length} files`;
  return {
    files: dataFiles(set, split, files),
    wanted: set.wanted,
    read: set.reader(),
    skipBroken: false,
    source: `${set.title}, ${set.id}@${commit.slice(0, 12)}, split ${split}${count}`,
    licence: set.licence,
    gold: () => set.gold,
  };
}

function noSplit(name: string, split: string, splits: readonly string[]) {
  return badInput(
    'no-split',
    `${name} has no split "${split}"`,
    splits.length === 0 ? 'It has one part: leave the split out.' : `It has: ${splits.join(', ')}.`,
  );
}
