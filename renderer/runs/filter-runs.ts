/** Which stored runs a search and the chosen tags leave. */
import type { RunSummary } from '../../engine/protocol';
import { laneWords } from '../run/run-words';

/** Every word must occur somewhere, every tag must be there. */
export function filterRuns(
  runs: readonly RunSummary[],
  search: string,
  tags: readonly string[],
): readonly RunSummary[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  if (words.length === 0 && tags.length === 0) return runs;
  return runs.filter((run) => {
    if (!tags.every((tag) => run.tags.includes(tag))) return false;
    const text = fold(
      [
        run.prompt,
        run.note,
        run.model,
        run.outcome,
        run.damage ?? '',
        ...run.tags,
        ...run.lanes.map(laneWords),
      ].join('\n'),
    );
    return words.every((word) => text.includes(word));
  });
}

/** All tags in use, the most used first. */
export function tagsOf(runs: readonly RunSummary[]): string[] {
  const uses = new Map<string, number>();
  for (const tag of runs.flatMap((run) => run.tags)) uses.set(tag, (uses.get(tag) ?? 0) + 1);
  return [...uses].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([tag]) => tag);
}

/** `a, b ,, a` as the tags a and b. */
export function readTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
