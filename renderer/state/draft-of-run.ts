/** A run's prompt and settings as something to type on from. */

import { type RunConfig, writeMembers } from '../../engine/protocol';
import type { Draft } from './draft';
import { writeExplained } from './explained';
import { type LaneDraft, setupOf } from './lanes';
import { writeStops } from './stop-texts';
import { templateDraft } from './template-draft';

/** Everything but the model, which stays the one that is open. */
export type RunDraft = Omit<Draft, 'modelChoice'>;

/** @param kept what the form holds, for what the run does not say */
export function draftOfRun(
  { prompt, template, lanes, generation, groups, listLength, explain, samples = 1 }: RunConfig,
  kept: Draft,
): RunDraft {
  const drafts = lanes.map(
    (settings, index): LaneDraft => ({
      ...setupOf(settings),
      // A lane of the same name is the same lane: its answers stay with it.
      id:
        kept.lanes.find((lane) => lane.name.trim() === settings.name)?.id ??
        `lane-${index}-${settings.name}`.slice(0, 80),
      branch: null,
    }),
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
    // A raw prompt's run says nothing of the template.
    template: prompt.kind === 'raw' ? kept.template : templateDraft(template),
    lanes: drafts,
    generation: {
      maxNewTokens: String(generation.maxNewTokens),
      temperature: String(generation.temperature),
      topP: String(generation.topP),
      seed: String(generation.seed),
      samples: String(samples),
      ignoreEos: generation.ignoreEos,
      stops: writeStops(generation.stops),
    },
    listLength: String(listLength),
    explain: writeExplained(explain ?? []),
    groups:
      groups.length > 0
        ? groups.map((group) => ({ name: group.name, words: writeMembers(group) }))
        : [{ name: '', words: '' }],
  };
}
