/** Reads a data set from beginning to end and keeps the problems that were asked for. */
import { type BrokenRow, badInput, type Problem, type ProblemSelection } from '../protocol';
import { MAX_LIST } from '../protocol/limits';
import { checkColumns, type DataFile, type Dataset } from './dataset';
import { half, shuffleKey } from './half';
import { fileError, openTable } from './open-table';
import type { TableRow } from './table';
import { RowProblem } from './values';

/** Rows whose ids are compared; of longer files a beginning can be read. */
const MAX_ROWS = 2 ** 20;
/** Rows of a beginning's file that are read on for its length, broken lines and duplicates. */
const ENOUGH_ROWS = 2 ** 16;
/** Characters of all problems that are kept. */
const MAX_KEPT = 2 ** 28;

export interface Selected {
  readonly problems: readonly Problem[];
  /** Of the whole data set; null where only a beginning of it was read. */
  readonly total: number | null;
  readonly columns: readonly string[];
  /** The first of them. */
  readonly broken: readonly BrokenRow[];
  readonly brokenCount: number;
}

/**
 * Files may be larger than memory: what is not asked for is read, checked and let go.
 * @throws EngineError that names the line: broken rows (unless they are to be skipped), duplicate and empty ids
 */
export async function selectProblems(
  dataset: Dataset,
  selection: ProblemSelection,
  signal?: AbortSignal,
  maxRows = MAX_ROWS,
): Promise<Selected> {
  const { offset, limit, shuffle, salt } = selection;
  const wanted = selection.half;
  const kept = shuffle === null ? new InOrder(offset, limit) : new Shuffled(offset, limit, shuffle);
  const broken = new Broken(dataset.skipBroken);
  const ids = new Map<string, Place>();
  const columns = new Set<string>();
  let total = 0;
  for await (const { problem, place } of problemsOf(dataset, columns, broken, signal)) {
    if (kept.isFull && total >= Math.min(ENOUGH_ROWS, maxRows))
      return { problems: kept.take(), total: null, columns: [...columns], ...broken.told() };
    if (total === maxRows) {
      throw badInput(
        'dataset-too-long',
        `${place.file.path} has more than ${maxRows} rows`,
        'Ask for a beginning of it: "At most" without a shuffle seed, or --limit without --shuffle.',
      );
    }
    total++;
    checkId(ids, problem.id, place);
    if (wanted === null || half(problem.id, salt) === wanted) kept.add(problem);
  }
  if (total === 0)
    throw badInput('empty-dataset', `${dataset.files[0]?.path ?? dataset.source} has no problems`);
  return { problems: kept.take(), total, columns: [...columns], ...broken.told() };
}

interface Place {
  readonly file: DataFile;
  readonly line: number;
}

async function* problemsOf(
  dataset: Dataset,
  columns: Set<string>,
  broken: Broken,
  signal: AbortSignal | undefined,
) {
  let row = 0;
  for (const file of dataset.files) {
    const table = await openTable(file.path, file.format);
    let isFirst = true;
    // A header is known before the first row, the keys of JSON Lines with it.
    if (table.columns.length > 0) checkColumns(file, dataset.wanted, table.columns);
    try {
      for await (const found of table.rows(dataset.wanted)) {
        signal?.throwIfAborted();
        const place = { file, line: found.line };
        row++;
        if (isFirst && 'values' in found) {
          checkColumns(file, dataset.wanted, table.columns);
          isFirst = false;
        }
        const problem = readRow(dataset, found, row, place, broken);
        if (problem) yield { problem, place };
      }
    } catch (error) {
      throw fileError(error, file.path);
    }
    for (const name of table.columns) columns.add(name);
  }
}

function readRow(dataset: Dataset, found: TableRow, row: number, place: Place, broken: Broken) {
  if ('problem' in found) return broken.add(place, found.problem);
  try {
    return dataset.read(found.values, row, place.file);
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    return broken.add(place, error.message);
  }
}

class Broken {
  private readonly rows: BrokenRow[] = [];
  private count = 0;

  constructor(private readonly skip: boolean) {}

  /** @throws EngineError `bad-row` where broken rows are not to be skipped */
  add({ file, line }: Place, message: string): undefined {
    if (!this.skip) {
      throw badInput(
        'bad-row',
        `${file.path}, line ${line}: ${message}`,
        'Mend it, or leave broken lines out: tick that below the columns, or add --skip-broken.',
      );
    }
    if (++this.count <= MAX_LIST) this.rows.push({ line, message });
    return undefined;
  }

  told() {
    return { broken: this.rows, brokenCount: this.count };
  }
}

function checkId(ids: Map<string, Place>, id: string, here: Place): void {
  const before = ids.get(id);
  if (before !== undefined) {
    throw badInput(
      'duplicate-id',
      `the id "${id}" stands twice: in ${named(before)} and in ${named(here)}`,
      'Make ids differ, or name no column of ids: rows are numbered then.',
    );
  }
  ids.set(id, here);
}

function named({ file, line }: Place): string {
  return `${file.path}, line ${line}`;
}

/** Whether more is held than may be. */
class Weight {
  private characters = 0;

  add(problem: Problem): void {
    this.characters += weightOf(problem);
    if (this.characters > MAX_KEPT)
      throw badInput(
        'selection-too-large',
        'the problems asked for are too many to be held',
        'Ask for fewer: "At most", or --limit.',
      );
  }

  drop(problem: Problem): void {
    this.characters -= weightOf(problem);
  }
}

function weightOf({ question, gold, choices, system }: Problem): number {
  const own = question.length + gold.length + (system?.length ?? 0);
  return (choices ?? []).reduce((sum, choice) => sum + choice.length, own);
}

class InOrder {
  private readonly kept: Problem[] = [];
  private readonly weight = new Weight();
  private seen = 0;

  constructor(
    private readonly offset: number,
    private readonly limit: number | null,
  ) {}

  get isFull(): boolean {
    return this.kept.length === this.limit;
  }

  add(problem: Problem): void {
    if (this.seen++ < this.offset || this.isFull) return;
    this.weight.add(problem);
    this.kept.push(problem);
  }

  take(): Problem[] {
    return this.kept;
  }
}

/** The smallest keys of all: no more than twice as many are held as are asked for. */
class Shuffled {
  readonly isFull = false;
  private kept: { readonly key: bigint; readonly problem: Problem }[] = [];
  private readonly weight = new Weight();
  private readonly most: number;

  constructor(
    private readonly offset: number,
    limit: number | null,
    private readonly seed: number,
  ) {
    this.most = limit === null ? Number.POSITIVE_INFINITY : offset + limit;
  }

  add(problem: Problem): void {
    this.weight.add(problem);
    this.kept.push({ key: shuffleKey(problem.id, this.seed), problem });
    if (this.kept.length >= 2 * this.most) this.prune();
  }

  take(): Problem[] {
    this.prune();
    return this.kept.slice(this.offset).map(({ problem }) => problem);
  }

  private prune(): void {
    this.kept.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    for (const { problem } of this.kept.splice(Math.min(this.most, this.kept.length)))
      this.weight.drop(problem);
  }
}
