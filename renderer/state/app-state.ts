/** Everything the window knows, and for each part whether it outlives a reload. */

import { z } from 'zod';
import { type Failure, Incident, MAX_INCIDENTS, MAX_LANES, type Preparing } from '../../engine/protocol';
import { CONNECTING, type EngineState } from '../engine/engine-client';
import { Conversation, NO_CONVERSATION } from '../run/conversation';
import type { Explanation } from '../run/prompt-parts';
import { Quantity } from '../run/token-colour';
import { Metric } from '../run/vocabulary/metrics';
import { MAX_WATCHED, WatchedToken } from '../run/vocabulary/watch';
import { DEFAULT_DRAFT, type Draft, GenerationDraft, ModelDraft, PromptKind } from './draft';
import { EvaluationDraft } from './evaluations/draft';
import { EvaluationPlace, type EvaluationsState, INITIAL_EVALUATIONS, Room } from './evaluations/state';
import { GroupDraft } from './group-draft';
import { LaneDraft } from './lanes';
import { CLOSED, type ModelState } from './model-state';
import { type ModelsView, NO_MODELS } from './models-view';
import { OpeningTimes } from './opening-times';
import { INITIAL_PROMPTS, PROMPTS_RULES, type PromptsState } from './prompts-state';
import { INITIAL_RUNS, type RunsState } from './runs-state';
import { NO_RUNS, type RunsAtHand } from './shown-run';
import { TemplateDraft } from './template-draft';
import type { Toast } from './toast';
import type { TokenRef } from './token-ref';
import {
  ChartsTab,
  INITIAL_VOCABULARY,
  PaneWidths,
  ShownPane,
  TableSort,
  type VocabularyState,
  VocabularyView,
} from './vocabulary-state';
import { INITIAL_WINDOW, WINDOW_RULES, type WindowState } from './window-state';

export const Theme = z.enum(['auto', 'light', 'dark']);
export type Theme = z.infer<typeof Theme>;

/** `text` has the model's characters as they are, `markdown` what they mean as Markdown. */
export const AnswerView = z.enum(['tokens', 'text', 'markdown']);
export type AnswerView = z.infer<typeof AnswerView>;

export function nextAnswerView(view: AnswerView): AnswerView {
  const all = AnswerView.options;
  return all[(all.indexOf(view) + 1) % all.length] ?? 'tokens';
}

export const TurnEdit = z.object({ turn: z.string(), text: z.string().max(1_000_000) });
export type TurnEdit = z.infer<typeof TurnEdit>;

export interface AppState
  extends Draft,
    RunsAtHand,
    RunsState,
    VocabularyState,
    EvaluationsState,
    PromptsState,
    WindowState {
  readonly conversation: Conversation;
  /** What is typed under the columns. */
  readonly followUp: string;
  /** A user turn that is being changed. */
  readonly turnEdit: TurnEdit | null;
  readonly answerView: AnswerView;
  /** What the tokens' colour stands for. */
  readonly colouring: Quantity;
  /** The token under the pointer or the keyboard's. */
  readonly inspected: TokenRef | null;
  /** The token that the right pane stays with. */
  readonly pinned: TokenRef | null;
  /** What lies over the window. */
  readonly dialog:
    | 'runs'
    | 'compare'
    | 'similarity'
    | 'models'
    | 'prompts'
    | 'diagnostics'
    | 'notices'
    | null;
  readonly toast: Toast | null;
  readonly theme: Theme;
  /** Keys that are a letter or a bracket do what they are for, wherever nobody types. */
  readonly letterKeys: boolean;
  /** What tokens are ranked by. */
  readonly ranking: Metric;
  /** Text or /pattern/ that narrows the vocabulary. */
  readonly search: string;
  /** Updates of delta to look at; null follows the newest. */
  readonly selectedStep: number | null;
  /** The shift that colours the prompt's tokens; null where their change of loss does. */
  readonly explained: Explanation | null;
  /** The lane whose vocabulary is shown; null is the first that adapts. */
  readonly shiftLane: string | null;
  readonly engine: EngineState;
  /** The user has asked for a new engine process, and it does not answer yet. */
  readonly restarting: boolean;
  /** How much longer than usual the user waits for an engine that does not answer: 1 at first, see `engineTrouble`. */
  readonly patience: number;
  readonly model: ModelState;
  /** How far the weights are of a model that is being opened, by whomever. */
  readonly preparing: Preparing | null;
  readonly openingTimes: OpeningTimes;
  readonly models: ModelsView;
  readonly cancelling: boolean;
  /** When the run was cancelled, by the window's own clock. */
  readonly cancellingSince: number;
  /** Why the engine did not take up a run. */
  readonly requestFailure: Failure | null;
  readonly brokenMessage: string | null;
  /** What went wrong, the newest last. */
  readonly incidents: readonly Incident[];
}

export const INITIAL_STATE: AppState = {
  ...DEFAULT_DRAFT,
  ...NO_RUNS,
  ...INITIAL_RUNS,
  ...INITIAL_VOCABULARY,
  ...INITIAL_EVALUATIONS,
  ...INITIAL_PROMPTS,
  ...INITIAL_WINDOW,
  conversation: NO_CONVERSATION,
  followUp: '',
  turnEdit: null,
  answerView: 'tokens',
  colouring: 'deltaLogprob',
  inspected: null,
  pinned: null,
  dialog: null,
  toast: null,
  theme: 'auto',
  letterKeys: true,
  ranking: 'raw',
  search: '',
  selectedStep: null,
  explained: null,
  shiftLane: null,
  engine: CONNECTING,
  restarting: false,
  patience: 1,
  model: CLOSED,
  preparing: null,
  openingTimes: {},
  models: NO_MODELS,
  cancelling: false,
  cancellingSince: 0,
  requestFailure: null,
  brokenMessage: null,
  incidents: [],
};

interface KeyRule<T> {
  /** The schema that a remembered value must fit; null is forgotten with the page. */
  readonly persists: z.ZodType<T> | null;
}

const MAX_TEXT_LENGTH = 1_000_000;
const Text = z.string().max(MAX_TEXT_LENGTH);

/** A new key of the state does not compile before it has its line here. */
export const KEY_RULES: { readonly [K in keyof AppState]: KeyRule<AppState[K]> } = {
  ...PROMPTS_RULES,
  ...WINDOW_RULES,
  system: { persists: Text },
  prompt: { persists: Text },
  promptKind: { persists: PromptKind },
  template: { persists: TemplateDraft },
  lanes: { persists: z.array(LaneDraft).min(1).max(MAX_LANES) },
  generation: { persists: GenerationDraft },
  listLength: { persists: z.string() },
  explain: { persists: z.string() },
  groups: { persists: z.array(GroupDraft).max(50) },
  modelChoice: { persists: ModelDraft },
  conversation: { persists: Conversation },
  followUp: { persists: Text },
  turnEdit: { persists: TurnEdit.nullable() },
  answerView: { persists: AnswerView },
  colouring: { persists: Quantity },
  inspected: { persists: null },
  pinned: { persists: null },
  theme: { persists: Theme },
  letterKeys: { persists: z.boolean() },
  ranking: { persists: Metric },
  search: { persists: z.string().max(200) },
  selectedStep: { persists: null },
  explained: { persists: null },
  shiftLane: { persists: null },
  engine: { persists: null },
  restarting: { persists: null },
  patience: { persists: null },
  model: { persists: null },
  preparing: { persists: null },
  openingTimes: { persists: OpeningTimes },
  models: { persists: null },
  runViews: { persists: null },
  shown: { persists: null },
  cancelling: { persists: null },
  cancellingSince: { persists: null },
  requestFailure: { persists: null },
  brokenMessage: { persists: null },
  incidents: { persists: z.array(Incident).max(MAX_INCIDENTS) },
  dialog: { persists: null },
  storedRuns: { persists: null },
  storedRunsFailure: { persists: null },
  importFailure: { persists: null },
  comparison: { persists: null },
  similarRuns: { persists: null },
  toast: { persists: null },
  deltaScale: { persists: null },
  chartsTab: { persists: ChartsTab },
  vocabularyView: { persists: VocabularyView },
  tableSort: { persists: TableSort },
  tokenScope: { persists: null },
  answerPosition: { persists: null },
  watched: { persists: z.array(WatchedToken).max(MAX_WATCHED) },
  paneWidths: { persists: PaneWidths },
  shownPane: { persists: ShownPane },
  room: { persists: Room },
  evaluationDraft: { persists: EvaluationDraft },
  evaluationPlace: { persists: EvaluationPlace },
  jobs: { persists: null },
  jobsFailure: { persists: null },
  damagedJobs: { persists: null },
  evaluationOptions: { persists: null },
  startFailure: { persists: null },
  startingJob: { persists: null },
};

export const STATE_KEYS = Object.keys(KEY_RULES) as (keyof AppState)[];
