/** The tree of samples as rows, those of closed branches left out. */
import { type SampleNode, visibleToken } from '../../engine/protocol';

export interface TreeRow {
  /** The first sample that goes this way, and where it begins: the same while more come. */
  readonly key: string;
  readonly node: SampleNode;
  /** 1 for those that begin with the answer. */
  readonly level: number;
  readonly place: number;
  readonly siblings: number;
  /** Samples that were together before it. */
  readonly of: number;
  readonly isOpen: boolean;
}

export function treeRows(tree: SampleNode, closed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (node: SampleNode, level: number) => {
    for (const [i, next] of node.next.entries()) {
      const key = `${next.index}/${Math.min(...next.samples)}`;
      const isOpen = !closed.has(key);
      const siblings = node.next.length;
      rows.push({ key, node: next, level, place: i + 1, siblings, of: node.samples.length, isOpen });
      if (isOpen) add(next, level + 1);
    }
  };
  add(tree, 1);
  return rows;
}

/** The row that a key goes to from row `at`, and whether it opens or closes this one; undefined for other keys. */
export function treeMove(
  rows: readonly TreeRow[],
  at: number,
  key: string,
): { readonly to: number } | { readonly toggle: string } | undefined {
  const row = rows[at];
  if (!row) return undefined;
  const hasMore = row.node.next.length > 0;
  switch (key) {
    case 'ArrowDown':
      return { to: Math.min(at + 1, rows.length - 1) };
    case 'ArrowUp':
      return { to: Math.max(at - 1, 0) };
    case 'Home':
      return { to: 0 };
    case 'End':
      return { to: rows.length - 1 };
    case 'Enter':
      return hasMore ? { toggle: row.key } : undefined;
    case 'ArrowRight':
      if (!hasMore) return { to: at };
      return row.isOpen ? { to: at + 1 } : { toggle: row.key };
    case 'ArrowLeft': {
      if (hasMore && row.isOpen) return { toggle: row.key };
      const parent = rows.slice(0, at).findLastIndex(({ level }) => level < row.level);
      return { to: parent < 0 ? at : parent };
    }
    default:
      return undefined;
  }
}

/** What the row's samples write alike, in one line. */
export function textOf({ tokens }: SampleNode): readonly [first: string, rest: string] {
  const [first, ...rest] = tokens;
  return [visibleToken(first?.token ?? ''), rest.map(({ token }) => visibleToken(token)).join('')];
}
