/** A run's settings in words, a line each. */
import { type Prompt, type RunConfig, writeMembers } from '../../engine/protocol';
import type { RunView } from './run-view';

export type SettingText = [name: string, text: string];

/** Stands for a setting that there is not. */
export const ABSENT = '–';

export function modelLines(model: NonNullable<RunView['model']>): SettingText[] {
  return [
    ['model', model.id],
    ['weights', model.dtype],
    ['head', model.projection],
    ['vocabulary', String(model.vocab)],
    ['hidden size', String(model.hidden)],
  ];
}

/** A conversation turn by turn, or the raw text. */
export function promptLines(prompt: Prompt): SettingText[] {
  if (prompt.kind === 'raw') {
    return [
      ['prompt kind', 'raw'],
      ['prompt', prompt.text],
    ];
  }
  const system = prompt.messages.find(({ role }) => role === 'system');
  const turns = prompt.messages.filter(({ role }) => role !== 'system');
  return [
    ['prompt kind', 'chat'],
    ['system', system?.content ?? ABSENT],
    ...turns.map(
      ({ role, content }, index): SettingText => [
        turns.length === 1 ? 'prompt' : `turn ${index + 1}, ${role}`,
        content,
      ],
    ),
  ];
}

export function generationLines({
  model,
  generation,
  groups,
  listLength,
  samples = 1,
}: RunConfig): SettingText[] {
  return [
    ['max new tokens', String(generation.maxNewTokens)],
    ['temperature', String(generation.temperature)],
    ['top-p', String(generation.topP)],
    ['seed', String(generation.seed)],
    ...(samples === 1 ? [] : ([['samples', String(samples)]] satisfies SettingText[])),
    ['ignore end token', generation.ignoreEos ? 'yes' : 'no'],
    ...(generation.stops
      ? ([
          ['ends at', generation.stops.map((stop) => JSON.stringify(stop)).join(', ')],
        ] satisfies SettingText[])
      : []),
    ...(model.server === undefined ? [] : ([['server', model.server]] satisfies SettingText[])),
    ...(model.baselineServer === undefined
      ? []
      : ([['server of the baseline', model.baselineServer]] satisfies SettingText[])),
    ['device', model.device],
    ['memory saver', model.memorySaver ? 'on' : 'off'],
    ['arithmetic', model.arithmetic],
    ['own groups', groups.length === 0 ? 'none' : groups.map(groupWords).join('; ')],
    ['listed tokens', String(listLength)],
  ];
}

function groupWords(group: RunConfig['groups'][number]): string {
  return `${group.name}: ${writeMembers(group)}`;
}
