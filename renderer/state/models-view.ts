/** What the window knows of models and downloads, and how answers and `pull` messages change it. */
import type {
  CuratedModel,
  Failure,
  HubModel,
  HubStatus,
  ModelCard,
  ModelEntry,
  Pull,
  Result,
  ServerEntry,
  ServerStatus,
} from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';

/** Whose card is shown; a null model is the starter, a null dtype the engine's choice. */
export interface CardSubject {
  readonly model: string | null;
  readonly dtype: string | null;
  /** The hub's card, with every dtype, though the model is here. */
  readonly onHub?: boolean;
}

export interface CardView {
  readonly subject: CardSubject;
  /** Null until it was read. While another dtype of the same model is read, the one before. */
  readonly card: ModelCard | null;
  readonly isReading: boolean;
  readonly failure: Failure | null;
}

/** Whether its reading was cancelled. */
export function isUnread({ card, isReading, failure }: CardView): boolean {
  return !card && !isReading && !failure;
}

interface HubSearch {
  /** As it was asked; empty where the curated list is shown. */
  readonly query: string;
  readonly isAsking: boolean;
  /** Of the last answer, which stays while the next one is on its way. */
  readonly found: readonly HubModel[] | null;
  readonly failure: Failure | null;
}

export interface ModelsView {
  readonly tab: 'here' | 'hub';
  /** Null until the list was first read. */
  readonly entries: readonly ModelEntry[] | null;
  readonly listFailure: Failure | null;
  /** Weights that were prepared, and where they lie; null until they were first read. */
  readonly prepared: Result<'models.prepared'> | null;
  readonly hub: HubStatus | null;
  /** Null until they were first read. */
  readonly servers: readonly ServerEntry[] | null;
  /** By address. */
  readonly statuses: Readonly<Record<string, ServerStatus | 'asking'>>;
  /** Why the last folder could not be added. */
  readonly folderFailure: Failure | null;
  /** Those under way, paused and failed, and finished ones until they are opened or dismissed. */
  readonly pulls: readonly Pull[];
  readonly curated: readonly CuratedModel[] | null;
  readonly search: HubSearch;
  readonly shown: CardView | null;
}

const NO_SEARCH: HubSearch = { query: '', isAsking: false, found: null, failure: null };

export const NO_MODELS: ModelsView = {
  tab: 'here',
  entries: null,
  listFailure: null,
  prepared: null,
  hub: null,
  servers: null,
  statuses: {},
  folderFailure: null,
  pulls: [],
  curated: null,
  search: NO_SEARCH,
  shown: null,
};

export type ModelsEvent =
  | { readonly type: 'tab.chosen'; readonly tab: ModelsView['tab'] }
  | { readonly type: 'list.read'; readonly list: Result<'models.list'> }
  | { readonly type: 'list.failed'; readonly failure: Failure }
  | { readonly type: 'prepared.read'; readonly prepared: Result<'models.prepared'> }
  | { readonly type: 'servers.read'; readonly servers: readonly ServerEntry[] }
  | { readonly type: 'server.asked'; readonly address: string }
  | { readonly type: 'server.told'; readonly address: string; readonly status: ServerStatus }
  | { readonly type: 'folder.refused'; readonly failure: Failure | null }
  | { readonly type: 'pull.changed'; readonly pull: Pull }
  /** What was under way is where it was cut. */
  | { readonly type: 'engine.exited' }
  | { readonly type: 'pull.dismissed'; readonly pullId: string }
  | { readonly type: 'curated.read'; readonly models: readonly CuratedModel[] }
  | { readonly type: 'search.asked'; readonly query: string }
  | { readonly type: 'search.answered'; readonly query: string; readonly found: readonly HubModel[] }
  | { readonly type: 'search.failed'; readonly query: string; readonly failure: Failure }
  /** Of what was asked for last nothing is known. */
  | { readonly type: 'search.cancelled' }
  | { readonly type: 'card.cancelled' }
  | { readonly type: 'card.asked'; readonly subject: CardSubject }
  | { readonly type: 'card.read'; readonly subject: CardSubject; readonly card: ModelCard }
  | { readonly type: 'card.failed'; readonly subject: CardSubject; readonly failure: Failure };

export function reduceModels(view: ModelsView, event: ModelsEvent): ModelsView {
  switch (event.type) {
    case 'tab.chosen':
      return { ...view, tab: event.tab };
    case 'list.read': {
      const { models, pulls, hub } = event.list;
      return { ...view, entries: models, listFailure: null, hub, pulls: withFinished(pulls, view.pulls) };
    }
    case 'list.failed':
      return { ...view, listFailure: event.failure };
    case 'prepared.read':
      return { ...view, prepared: event.prepared };
    case 'servers.read':
      return { ...view, servers: event.servers };
    case 'server.asked':
      return withStatus(view, event.address, 'asking');
    case 'server.told':
      return withStatus(view, event.address, event.status);
    case 'folder.refused':
      return { ...view, folderFailure: event.failure };
    case 'pull.changed':
      return { ...view, pulls: withPull(view.pulls, event.pull) };
    case 'engine.exited':
      return { ...view, pulls: view.pulls.map(cut) };
    case 'pull.dismissed':
      return { ...view, pulls: view.pulls.filter(({ pullId }) => pullId !== event.pullId) };
    case 'curated.read':
      return { ...view, curated: event.models };
    case 'search.asked':
      return { ...view, search: askedSearch(view.search, event.query) };
    case 'search.answered':
    case 'search.failed': {
      // An answer to what is no longer asked.
      if (event.query !== view.search.query) return view;
      const { query } = event;
      const answer =
        event.type === 'search.answered'
          ? { found: event.found, failure: null }
          : { found: null, failure: event.failure };
      return { ...view, search: { query, isAsking: false, ...answer } };
    }
    case 'search.cancelled':
      return { ...view, search: { ...NO_SEARCH, query: view.search.query } };
    case 'card.cancelled':
      return view.shown ? withShown(view, view.shown.subject, { card: null, failure: null }) : view;
    case 'card.asked': {
      const { subject } = event;
      const isSameModel = view.shown?.subject.model === subject.model;
      const card = isSameModel ? (view.shown?.card ?? null) : null;
      return { ...view, shown: { subject, card, isReading: true, failure: null } };
    }
    case 'card.read':
      return withShown(view, event.subject, { card: event.card, failure: null });
    case 'card.failed':
      return withShown(view, event.subject, { card: null, failure: event.failure });
    default:
      return assertNever(event);
  }
}

function askedSearch(before: HubSearch, query: string): HubSearch {
  return query === '' ? NO_SEARCH : { ...before, query, isAsking: true };
}

function withStatus(view: ModelsView, address: string, status: ServerStatus | 'asking'): ModelsView {
  return { ...view, statuses: { ...view.statuses, [address]: status } };
}

/** The engine lists no finished downloads; those that were seen to finish stay, unless they are on again. */
function withFinished(listed: readonly Pull[], before: readonly Pull[]): readonly Pull[] {
  const known = new Set(listed.map(({ pullId }) => pullId));
  const finished = before.filter(({ state, pullId }) => state === 'done' && !known.has(pullId));
  return [...listed, ...finished];
}

function cut(pull: Pull): Pull {
  const isMoving = pull.state === 'downloading' || pull.state === 'verifying';
  return isMoving
    ? { ...pull, state: 'paused', bytesPerSecond: null, secondsLeft: null, problem: null }
    : pull;
}

function withPull(pulls: readonly Pull[], pull: Pull): readonly Pull[] {
  const isKnown = pulls.some(({ pullId }) => pullId === pull.pullId);
  return isKnown ? pulls.map((each) => (each.pullId === pull.pullId ? pull : each)) : [...pulls, pull];
}

function withShown(
  view: ModelsView,
  subject: CardSubject,
  answer: Pick<CardView, 'card' | 'failure'>,
): ModelsView {
  const shown = view.shown?.subject;
  // An answer to what is no longer shown.
  if (shown?.model !== subject.model || shown.dtype !== subject.dtype || shown.onHub !== subject.onHub)
    return view;
  return { ...view, shown: { subject, isReading: false, ...answer } };
}
