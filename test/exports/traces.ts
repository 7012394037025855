/** The exported models kept here, and what PyTorch and transformers say of them (see recipe/). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChatMessage } from '../../engine/protocol';

/** Figures of one prompt: 5 steps of SLOT at lr 0.1, and greedy answers. */
export interface DtypeTrace {
  readonly ids: number[];
  readonly losses: number[];
  readonly finalLoss: number;
  readonly gradNorms: number[];
  readonly deltaNorms: number[];
  /** [V] after the prompt, without delta. */
  readonly logits: number[];
  readonly baseline: number[];
  readonly slot: number[];
}

export interface Trace {
  readonly family: string;
  readonly made: Readonly<Record<string, string>>;
  readonly texts: { readonly text: string; readonly ids: number[]; readonly decoded: string }[];
  readonly conversations: {
    readonly messages: ChatMessage[];
    readonly text?: string;
    readonly ids?: number[];
    /** Why the template refuses these messages. */
    readonly error?: string;
  }[];
  readonly dtypes: Readonly<Record<string, DtypeTrace>>;
  /** The same for a prompt of some 300 tokens. */
  readonly long?: { readonly prompt: string; readonly dtypes: Readonly<Record<string, DtypeTrace>> };
}

export interface Fixture {
  readonly name: string;
  readonly folder: string;
  readonly trace: Trace;
}

export const PROMPT = 'Tom has 3 apples and buys 5 more. How many should he have? Think step by step.';

/** When templates that write the date were rendered. */
export const TODAY = new Date(2026, 2, 4, 12);

export const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));

export function fixtures(): Fixture[] {
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('trace.json'))
    .map((file) => dirname(file))
    .sort()
    .map((name) => {
      const folder = join(FIXTURES, name);
      return {
        name,
        folder,
        trace: JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as Trace,
      };
    });
}
