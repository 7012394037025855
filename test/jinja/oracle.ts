/** Asks transformers (`oracle.py`) what templates render to. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ChatMessage, TemplateVariables } from '../../engine/protocol';

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly variables: TemplateVariables;
}

const Answer = z.union([z.strictObject({ text: z.string() }), z.strictObject({ error: z.string() })]);
export type Answer = z.infer<typeof Answer>;

/**
 * For each template, one answer for each conversation.
 * @param python with transformers (`test/exports/recipe/requirements.txt`)
 */
export function askTransformers(
  python: string,
  templates: readonly string[],
  conversations: readonly Conversation[],
): Answer[][] {
  const script = fileURLToPath(new URL('oracle.py', import.meta.url));
  const { stdout, status } = spawnSync(python, [script], {
    input: JSON.stringify({ templates, conversations }),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${python} ${script} failed`);
  return z.array(z.array(Answer)).parse(JSON.parse(stdout));
}
