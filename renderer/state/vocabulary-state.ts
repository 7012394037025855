/** What the right pane shows and how wide the panes are: the part of the state that charts and vocabulary share. */
import { z } from 'zod';
import type { WatchedToken } from '../run/vocabulary/watch';
import type { TokenRef } from './token-ref';

export const ChartsTab = z.enum(['optimisation', 'vocabulary', 'token', 'samples']);
export type ChartsTab = z.infer<typeof ChartsTab>;

export const VocabularyView = z.enum(['bars', 'table', 'heatmap', 'histogram']);
export type VocabularyView = z.infer<typeof VocabularyView>;

export const TableColumn = z.enum([
  'token',
  'id',
  'raw',
  'centred',
  'baseMeanP',
  'meanP',
  'mass',
  'rank',
  'answerMass',
  'logprob',
  'answerRank',
]);
export type TableColumn = z.infer<typeof TableColumn>;

export const TableSort = z.object({ column: TableColumn, descending: z.boolean() });
export type TableSort = z.infer<typeof TableSort>;

/** Which pane a window shows that has room for one only. */
export const ShownPane = z.enum(['prompt', 'answers', 'charts']);
export type ShownPane = z.infer<typeof ShownPane>;

/** CSS pixels; null is the usual width for the window. */
export const PaneWidths = z.object({
  left: z.number().min(0).max(10_000).nullable(),
  right: z.number().min(0).max(10_000).nullable(),
});
export type PaneWidths = z.infer<typeof PaneWidths>;

/** Holds until another token is pinned or another run is shown. */
interface TypedPosition {
  readonly index: number;
  readonly pinned: TokenRef | null;
  readonly runId: string | null;
}

/** What the shown delta is multiplied by: holds for that lane of that run. */
interface DeltaScale {
  readonly runId: string;
  readonly lane: string;
  readonly factor: number;
}

export interface VocabularyState {
  readonly deltaScale: DeltaScale | null;
  readonly chartsTab: ChartsTab;
  readonly vocabularyView: VocabularyView;
  readonly tableSort: TableSort;
  /** `all`, `watched`, or `group:` and a group's name. */
  readonly tokenScope: string;
  /** The answer's token that distributions are compared at, where one was typed. */
  readonly answerPosition: TypedPosition | null;
  readonly watched: readonly WatchedToken[];
  readonly paneWidths: PaneWidths;
  readonly shownPane: ShownPane;
}

export const INITIAL_VOCABULARY: VocabularyState = {
  deltaScale: null,
  chartsTab: 'optimisation',
  vocabularyView: 'bars',
  tableSort: { column: 'mass', descending: true },
  tokenScope: 'all',
  answerPosition: null,
  watched: [],
  paneWidths: { left: null, right: null },
  shownPane: 'prompt',
};
