/** Where one lane's samples part: a tree of what they write, with the share of each way at each fork. */
import { type CSSProperties, type KeyboardEvent, useRef, useState } from 'react';
import { oneLine } from '../../engine/protocol';
import { ChartExport } from '../export/chart-export';
import { TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { Segmented } from '../ui/parts/segmented';
import { percent } from '../ui/text/format';
import type { ToneSamples } from './tone-samples';
import { type TreeRow, textOf, treeMove, treeRows } from './tree-rows';

const NONE: ReadonlySet<string> = new Set();

export function TreeOfLane({ lanes }: { readonly lanes: readonly ToneSamples[] }) {
  const [name, setName] = useState<string | null>(null);
  const lane = lanes.find((each) => each.lane === name) ?? lanes[0];
  if (!lane || lane.tree.next.length === 0) return null;
  const choices = lanes.map((each) => ({ value: each.lane, text: oneLine(each.lane, 24) }));
  return (
    <section
      className="samples__part samples__tree"
      data-testid="sample-tree"
      aria-label="Where they part"
      data-lane={lane.tone}
    >
      <ChartExport title={`Tree of samples, ${lane.lane}`} chart=".samples__tree" data={() => dataOf(lane)} />
      <h3>
        Where they part{' '}
        <span className="muted">
          share of the samples that were together until there, beside that of a draw
        </span>
      </h3>
      {lanes.length > 1 && (
        <Segmented label="Lane of the tree" value={lane.lane} choices={choices} onChange={setName} />
      )}
      <Tree key={lane.lane} lane={lane} />
    </section>
  );
}

function Tree({ lane }: { readonly lane: ToneSamples }) {
  const [closed, setClosed] = useState(NONE);
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = treeRows(lane.tree, closed);
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === chosen),
  );
  const toggle = (key: string) =>
    setClosed(closed.has(key) ? without(closed, key) : new Set([...closed, key]));
  const onKeyDown = (event: KeyboardEvent) => {
    const move = event.altKey || event.ctrlKey || event.metaKey ? undefined : treeMove(rows, at, event.key);
    if (!move) return;
    event.preventDefault();
    if ('toggle' in move) toggle(move.toggle);
    else {
      setChosen(rows[move.to]?.key ?? null);
      const item = list.current?.children[move.to];
      if (item instanceof HTMLElement) item.focus();
    }
  };
  return (
    <div ref={list} className="tree" role="tree" aria-label={`Samples of ${lane.lane}`} onKeyDown={onKeyDown}>
      {rows.map((row, i) => (
        <TreeItem
          key={row.key}
          row={row}
          isChosen={i === at}
          isRead={row.key === chosen}
          onChoose={() => setChosen(row.key)}
          onToggle={() => toggle(row.key)}
        />
      ))}
    </div>
  );
}

interface TreeItemProps {
  readonly row: TreeRow;
  readonly isChosen: boolean;
  /** Its text is shown whole. */
  readonly isRead: boolean;
  readonly onChoose: () => void;
  readonly onToggle: () => void;
}

function TreeItem({ row, isChosen, isRead, onChoose, onToggle }: TreeItemProps) {
  const { node, level, of, isOpen, place, siblings } = row;
  const hasMore = node.next.length > 0;
  const [first, rest] = textOf(node);
  const drawn = node.tokens[0]?.drawnLogprob;
  const share = node.samples.length / of;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree that holds it hears its keys
    <div
      className={isRead ? 'tree__row tree__row--read' : 'tree__row'}
      role="treeitem"
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-expanded={hasMore ? isOpen : undefined}
      aria-selected={isRead}
      tabIndex={isChosen ? 0 : -1}
      style={{ '--level': level - 1 } as CSSProperties}
      onClick={() => {
        onChoose();
        if (hasMore && isRead) onToggle();
      }}
    >
      <span className="tree__mark disclosure" aria-hidden="true">
        {hasMore ? (isOpen ? '▾' : '▸') : ''}
      </span>
      <span className="tree__share" aria-hidden="true">
        <span className="shares__bar" style={{ width: `${100 * share}%` }} />
        {drawn !== undefined && (
          <span className="shares__mark" style={{ insetInlineStart: `${100 * Math.exp(drawn)}%` }} />
        )}
      </span>
      <span className="tree__count">
        {node.samples.length} of {of}
      </span>
      <span className="tree__drawn muted" title="the probability with which a draw takes this token">
        {drawn === undefined ? '' : percent(Math.exp(drawn))}
      </span>
      <span className="tree__text mono">
        <b>{first}</b>
        {rest}
      </span>
    </div>
  );
}

function without(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys].filter((each) => each !== key));
}

function dataOf({ tree }: ToneSamples) {
  return {
    columns: [
      'level',
      'position',
      ...TOKEN_COLUMNS,
      'samples',
      'of',
      'share',
      'p of a draw',
      'p',
      'p without delta',
      'tokens alike',
      'text (JSON)',
    ],
    rows: treeRows(tree, NONE).map(({ node, level, of }) => {
      const { id = 0, token = '', logprob = 0, baseLogprob = 0, drawnLogprob } = node.tokens[0] ?? {};
      const drawn = drawnLogprob === undefined ? null : Math.exp(drawnLogprob);
      const text = node.tokens.map((each) => each.token).join('');
      const { length } = node.samples;
      const own = [Math.exp(logprob), Math.exp(baseLogprob)];
      const [, json] = tokenCells(id, text);
      return [
        level,
        node.index + 1,
        ...tokenCells(id, token),
        length,
        of,
        length / of,
        drawn,
        ...own,
        node.tokens.length,
        json,
      ];
    }),
  };
}
