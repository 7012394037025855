/** The settings of two lanes, one line each, and which of them differ. */
import { type DeltaOrigin, describeOrigin, describeScope, describeTemplate } from '../../engine/protocol';
import type { LaneView, RunView } from '../run/run-view';
import { ABSENT, generationLines, modelLines, promptLines } from '../run/setting-lines';

export interface SettingLine {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

export interface SettingsDiff {
  readonly differing: readonly SettingLine[];
  readonly same: readonly SettingLine[];
}

type Configured = Pick<RunView, 'model' | 'config' | 'prompt'>;
type ConfiguredLane = Pick<LaneView, 'settings' | 'prompt'>;

export function diffSettings(
  a: { view: Configured; lane: ConfiguredLane },
  b: { view: Configured; lane: ConfiguredLane },
): SettingsDiff {
  const left = settingsOf(a.view, a.lane);
  const right = settingsOf(b.view, b.lane);
  const lines = [...new Set([...left.keys(), ...right.keys()])].map((name) => ({
    name,
    a: left.get(name) ?? ABSENT,
    b: right.get(name) ?? ABSENT,
  }));
  return {
    differing: lines.filter((line) => line.a !== line.b),
    same: lines.filter((line) => line.a === line.b),
  };
}

function settingsOf({ model, config, prompt }: Configured, lane: ConfiguredLane): Map<string, string> {
  const { settings } = lane;
  const lines = new Map<string, string>();
  const adapts = settings.steps > 0;
  lines.set('lane', settings.name);
  lines.set('steps', String(settings.steps));
  // Without steps neither has an effect.
  if (adapts) {
    lines.set('delta', describeOrigin(settings.origin));
    lines.set('learning rate', String(settings.lr)).set('preset', settings.preset);
    const { weightDecay, optimiser, betas, eps, scope, half, klBudget } = settings;
    if (weightDecay !== undefined) lines.set('weight decay', String(weightDecay));
    if (optimiser !== undefined) lines.set('optimiser', optimiser);
    if (betas) lines.set('betas', betas.join(', '));
    if (eps !== undefined) lines.set('epsilon', String(eps));
    if (scope) lines.set('learned from', describeScope(scope));
    if (half) lines.set('held-out half', `seed ${half.seed}${half.stopsEarly ? ', stops early' : ''}`);
    if (klBudget !== undefined) lines.set('KL budget', String(klBudget));
    for (const [name, text] of otherPromptLines(settings.origin)) lines.set(name, text);
  }
  if (model) for (const [name, text] of modelLines(model)) lines.set(name, text);
  const shown = lane.prompt ?? prompt;
  if (shown) lines.set('prompt tokens', String(shown.ids.length));
  if (!config) return lines;
  for (const [name, text] of promptLines(settings.prompt ?? config.prompt)) lines.set(name, text);
  const template = describeTemplate(config.template);
  if (template !== '') lines.set('template variables', template);
  if (settings.forcedPrefix.length > 0)
    lines.set('answer begins with', `${settings.forcedPrefix.length} forced tokens`);
  return new Map([...lines, ...generationLines(config)]);
}

function otherPromptLines(origin: DeltaOrigin): [string, string][] {
  if (origin.kind !== 'prompts') return [];
  return origin.prompts.map((prompt, index) => [
    origin.prompts.length === 1 ? 'other prompt' : `other prompt ${index + 1}`,
    promptLines(prompt)
      .slice(1)
      .map(([, text]) => text)
      .filter((text) => text !== ABSENT)
      .join('\n'),
  ]);
}
