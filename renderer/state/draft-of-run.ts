/** A run's prompt and settings as something to type on from. */
import type { RunConfig } from '../../engine/protocol';
import type { Draft, LaneDraft } from './draft';

/** Everything but the model, which stays the one that is open. */
export type RunDraft = Omit<Draft, 'modelChoice'>;

/** @param kept what the form holds, for what the run does not say */
export function draftOfRun(
  { prompt, lanes, generation, groups, listLength }: RunConfig,
  kept: Draft,
): RunDraft {
  const slotLanes = lanes
    .filter(({ steps }) => steps > 0)
    .map(
      ({ name, preset, steps, lr }): LaneDraft => ({ name, preset, steps: String(steps), lr: String(lr) }),
    );
  const text =
    prompt.kind === 'raw'
      ? { system: kept.system, prompt: prompt.text }
      : {
          system: prompt.messages.find(({ role }) => role === 'system')?.content ?? '',
          prompt: prompt.messages.findLast(({ role }) => role === 'user')?.content ?? '',
        };
  return {
    ...text,
    promptKind: prompt.kind,
    slotLanes: slotLanes.length > 0 ? slotLanes : kept.slotLanes,
    generation: {
      maxNewTokens: String(generation.maxNewTokens),
      temperature: String(generation.temperature),
      topP: String(generation.topP),
      seed: String(generation.seed),
      ignoreEos: generation.ignoreEos,
    },
    listLength: String(listLength),
    groups:
      groups.length > 0
        ? groups.map(({ name, words }) => ({ name, words: words.join(', ') }))
        : [{ name: '', words: '' }],
  };
}
