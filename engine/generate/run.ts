/** One run: prompts → prefill → SLOT for each lane → all lanes' answers, as a stream of events. */
import { type ResolvedGroup, resolveGroups } from '../analysis/groups';
import { badInput, type RunEvent, SCHEMA_VERSION, samplesProblem } from '../protocol';
import { type AdaptedPrompt, adaptPrompt } from './adapt-prompt';
import { clock } from './clock';
import { answerPrompts } from './decode-lanes';
import { explainedTokens } from './explain';
import { givenDeltas } from './given';
import type { LanguageModel, ReadPrompt } from './language-model';
import { type EncodedPrompt, encodePrompt } from './prompt';
import { groupByPrompt, type PromptGroup, prefillPrompts } from './prompt-groups';
import type { RunContext } from './run-context';
import { Sources } from './sources';

/** The most ids of a group in the run.started event, since a pattern may match the whole vocabulary. */
const MAX_MEMBERS = 20_000;

/**
 * Ends with `run.done`.
 * @throws the signal's reason once a cancel is seen, EngineError for input that cannot be run
 */
export async function run(model: LanguageModel, loadMs: number, context: RunContext): Promise<void> {
  const { config, emit } = context;
  const shared = encodePrompt(model, config.prompt, config.template);
  explainedTokens(model, config);
  const problem = samplesProblem(config);
  if (problem !== undefined) throw badInput('samples', problem);
  const prompts = groupByPrompt(model, shared, context);
  const sources = new Sources(model, config, await givenDeltas(model.head, config.lanes));
  const groups = resolveGroups(model.tokenizer, model.head.vocab, model.stopIds, config.groups);
  emit(runStarted(model, shared, groups, context));
  if (shared.notice) emit({ type: 'notice', ...shared.notice });
  const own = groups.slice(groups.length - config.groups.length);
  for (const { name } of own.filter(({ ids }) => ids.length === 0)) {
    const message = `token group "${name}" has no token of this model's vocabulary: there is nothing to follow`;
    emit({ type: 'notice', code: 'empty-group', message });
  }
  warnOfLength(model, prompts, context);
  for (const { prompt, lanes } of prompts) {
    if (prompt !== shared) for (const { name } of lanes) emit(lanePrompt(model, prompt, name));
  }

  const { sequences, ms: read } = await readPrompts(model, prompts, sources, context);
  const slotClock = clock();
  const adapted: AdaptedPrompt[] = [];
  for (const [i, group] of prompts.entries())
    adapted.push(await adaptPrompt(model, group, sequences[i]!, sources, groups, context));
  const slotMs = read.slot + slotClock();

  const decodeClock = clock();
  await answerPrompts(model, adapted, context);
  const ms = { load: loadMs, prefill: read.prefill, slot: slotMs, decode: decodeClock() };
  emit({ type: 'run.done', ms });
}

/** Also the prompts that controls are learned from, which are done with before the run's own are read. */
async function readPrompts(
  model: LanguageModel,
  prompts: readonly PromptGroup[],
  sources: Sources,
  context: RunContext,
): Promise<{ readonly sequences: ReadPrompt[]; readonly ms: { prefill: number; slot: number } }> {
  const { emit, signal } = context;
  const own = prompts.reduce((sum, { prompt }) => sum + prompt.ids.length, 0);
  const total = sources.tokens + own;
  const progress = (tokens: number) => emit({ type: 'prompt.progress', tokens, total });
  const ms = await sources.learn(context, progress);
  const prefillClock = clock();
  const sequences = await prefillPrompts(model, prompts, signal, (tokens) =>
    progress(sources.tokens + tokens),
  );
  const prefill = ms.prefill + prefillClock();
  const reused = sequences.reduce((sum, sequence) => sum + sequence.reused, 0);
  emit({ type: 'prompt.prefilled', tokens: total, reused, ms: prefill });
  return { sequences, ms: { prefill, slot: ms.slot } };
}

function runStarted(
  model: LanguageModel,
  { text, ids }: EncodedPrompt,
  groups: readonly ResolvedGroup[],
  { runId, config }: RunContext,
): RunEvent {
  return {
    type: 'run.started',
    v: SCHEMA_VERSION,
    runId,
    at: new Date().toISOString(),
    model: {
      id: model.folder.id,
      dtype: model.folder.dtype,
      projection: model.headInfo.projection.operator,
      vocab: model.head.vocab,
      hidden: model.head.hiddenSize,
    },
    config,
    prompt: { text, ids: [...ids], tokens: ids.map((id) => model.tokenizer.text(id)) },
    groups: groups.map(({ name, ids: members }) => ({ name, ids: members.slice(0, MAX_MEMBERS) })),
  };
}

function lanePrompt(model: LanguageModel, { text, ids }: EncodedPrompt, lane: string): RunEvent {
  const tokens = ids.map((id) => model.tokenizer.text(id));
  return { type: 'lane.prompt', lane, text, ids: [...ids], tokens };
}

function warnOfLength(
  { originalMaxPositions = Number.POSITIVE_INFINITY }: LanguageModel,
  prompts: readonly PromptGroup[],
  { config, emit }: RunContext,
): void {
  const longest =
    Math.max(...prompts.map(({ prompt }) => prompt.ids.length)) + config.generation.maxNewTokens;
  if (longest <= originalMaxPositions) return;
  const message = `beyond ${originalMaxPositions} tokens this export differs from the original model: it keeps the rotary angles of short texts (longrope)`;
  emit({ type: 'notice', code: 'short-angles', message });
}
