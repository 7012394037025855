/** Tiny checkpoints of every family, and what transformers and PyTorch say of them (see recipe/). */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../engine/api/engine';
import { type CheckpointForm, type CheckpointSpec, writeCheckpoint } from '../../fixtures/checkpoint';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents } from '../../fixtures/test-engine';
import { FIXTURES as EXPORTS } from '../exports/traces';

/** Figures of one prompt: 5 steps of SLOT at lr 0.1, and greedy answers. */
export interface Trace {
  readonly ids: number[];
  readonly losses: number[];
  readonly finalLoss: number;
  readonly gradNorms: number[];
  readonly deltaNorms: number[];
  /** The most probable tokens after the prompt without delta, and their log-probabilities. */
  readonly top: [id: number, logprob: number][];
  readonly baseline: number[];
  readonly slot: number[];
}

export type PromptName = 'short' | 'long';

/** Keys of the config that were set and taken out, and the losses that this leads to, the final one last. */
export interface Mutation {
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly prompt: PromptName;
  readonly losses: number[];
}

export interface Family extends CheckpointSpec {
  /** Of all tensors' bytes in float32. */
  readonly sha256: string;
  readonly traces: Readonly<Partial<Record<PromptName, Trace>>>;
  readonly mutations: Readonly<Record<string, Mutation>>;
}

const SENTENCES = 'Tom has 3 apples and buys 5 more. How many should he have? Think step by step.';
const PROMPTS: Readonly<Record<PromptName, string>> = {
  short: SENTENCES,
  long: Array.from({ length: 6 }, () => SENTENCES).join(' '),
};
const LEARNING_RATE = 0.1;

const FIXTURES = fileURLToPath(new URL('../fixtures/checkpoints', import.meta.url));

export function families(): { name: string; family: Family }[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ name: basename(file, '.json'), family: readFamily(basename(file, '.json')) }));
}

export function readFamily(name: string): Family {
  return JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as Family;
}

/** What save_pretrained wrote of `savedFamily`. */
export const SAVED_FOLDER = join(FIXTURES, 'saved');

export function savedFamily(): Family {
  return readFamily('saved/record');
}

/** With the tokenizer that the traces' ids are of. */
export function writeFamily(folder: string, spec: CheckpointSpec, form?: CheckpointForm): void {
  writeCheckpoint(folder, join(EXPORTS, 'llama'), spec, form);
}

/** Writes each into a folder of its own, which is gone when the tests of the file are over. */
export function familyWriter(): (spec: CheckpointSpec, form?: CheckpointForm) => string {
  const folder = temporaryFolder();
  let written = 0;
  return (spec, form) => {
    const path = join(folder, `${written++}`);
    writeFamily(path, spec, form);
    return path;
  };
}

export function mutated(family: Family, { set, remove }: Mutation): Family {
  const kept = Object.entries(family.config).filter(([key]) => !remove.includes(key));
  return { ...family, config: { ...Object.fromEntries(kept), ...set } };
}

/** Losses before each step, and after the last. */
export function allLosses({ losses, finalLoss }: Trace): number[] {
  return [...losses, finalLoss];
}

/** What the engine finds for a prompt of the traces. */
export async function figures(
  engine: Engine,
  folder: string,
  prompt: PromptName,
  maxNewTokens: number,
  dtype = 'safetensors',
  server?: string,
) {
  const events = await runEvents(engine, {
    model: { folder, dtype, ...(server === undefined ? {} : { server }) },
    prompt: { kind: 'raw', text: PROMPTS[prompt] },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 5, lr: LEARNING_RATE },
    ],
    generation: { maxNewTokens, ignoreEos: true },
    listLength: 20,
  });
  const steps = only(events, 'slot.step');
  const done = one(events, 'slot.done');
  return {
    ids: one(events, 'run.started').prompt.ids,
    losses: [...steps.map(({ loss }) => loss), done.finalLoss],
    gradNorms: steps.map(({ gradNorm }) => gradNorm ?? Number.NaN),
    deltaNorms: steps.map(({ deltaNorm }) => deltaNorm),
    top: only(events, 'token')[0]!.top,
    baseline: one(events, 'lane.done', 'baseline').ids,
    slot: one(events, 'lane.done', 'slot').ids,
  };
}
