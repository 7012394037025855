/** A prompt's lanes before they answer: each with what it adds to the logits, or with what it waits for. */
import type { ResolvedGroup } from '../analysis/groups';
import type { ReadTokens } from '../model/prefix-cache';
import { isSlot, type LaneSettings } from '../protocol';
import { PromptObjective } from '../slot/objective';
import { adapt, adaptTogether } from './adapt';
import type { DecodeLane, DecodeOptions } from './decode';
import { PromptDeltas } from './deltas';
import type { LanguageModel } from './language-model';
import { fitToContext, type PromptGroup } from './prompt-groups';
import type { RunContext } from './run-context';
import { fitOf } from './scope';
import type { Sources } from './sources';
import { drawsAtTemperature, planMatching, type TemperatureMatching } from './temperature';

export interface AdaptedPrompt {
  readonly sequence: ReadTokens;
  /** That answer together, in their order. */
  readonly lanes: readonly DecodeLane[];
  /** Of lanes whose temperature is found when SLOT has answered. */
  readonly matchings: readonly TemperatureMatching[];
  readonly options: DecodeOptions;
}

/** Reports what each lane does, also where one fails. @throws the signal's reason */
export async function adaptPrompt(
  model: LanguageModel,
  { prompt, scoped, lanes }: PromptGroup,
  sequence: ReadTokens,
  sources: Sources,
  groups: readonly ResolvedGroup[],
  context: RunContext,
): Promise<AdaptedPrompt> {
  const { emit, signal, isStopped, config } = context;
  // The last position predicts the answer, not the prompt.
  const targets = prompt.ids.slice(1);
  const objective = new PromptObjective(model.head, sequence.hidden, targets, (positions) => {
    signal.throwIfAborted();
    emit({ type: 'slot.progress', positions, total: targets.length });
  });
  const deltas = new PromptDeltas(model.head, objective, signal, (settings) =>
    fitOf(model, scoped, settings),
  );
  const adapting = {
    model,
    objective,
    prompt: { hidden: sequence.hidden, targets },
    deltas,
    sources,
    groups,
    context,
  };
  const generation = fitToContext(model, prompt, context);
  const isGreedy = generation.temperature === 0;
  const tellsDrawn = (config.samples ?? 1) > 1;
  const options = { generation, listLength: config.listLength, tellsDrawn, isStopped, signal };
  const matchings: TemperatureMatching[] = [];
  // Controls are made of what SLOT learns.
  const learns = (lane: LaneSettings) => isSlot(lane) && targets.length > 0;
  const shifts = await adaptTogether(lanes.filter(learns), adapting);
  for (const lane of lanes.filter((each) => !learns(each))) {
    const shift = await adapt(lane, adapting);
    if (!shift) continue;
    if (!drawsAtTemperature(lane)) shifts.set(lane.name, shift);
    else {
      const matching = await planMatching(lane, lanes, shift, adapting);
      if (matching) matchings.push(matching);
      if (isGreedy) shifts.set(lane.name, shift);
    }
  }
  const together = lanes.flatMap(({ name, forcedPrefix }) => {
    const shift = shifts.get(name);
    return shift ? [{ name, ...shift, forcedPrefix }] : [];
  });
  return { sequence, lanes: together, matchings, options };
}
