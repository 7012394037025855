/**
 * What a certified shortlist would have to keep: the tokens that together hold all but a negligible part of the
 * probability at every position of a prompt, as a share of the vocabulary. Only fewer rows of W than all make a step
 * cheaper than its two reads.
 */
import { readFileSync } from 'node:fs';
import { prefill } from '../../engine/generate/prefill';
import { encodePrompt } from '../../engine/generate/prompt';
import { Model } from '../../engine/model/model';
import type { ChatMessage } from '../../engine/protocol';
import { figure, type Row } from '../report';

/** Below float32's rounding. */
const NEGLIGIBLE = 1e-7;
const PROMPTS = 20;
const HELD_OUT = new URL('../../assets/starter/heldout.jsonl', import.meta.url);

/** On a trained model: random weights spread the probability evenly. */
export async function benchShortlist(folder: string): Promise<Row[]> {
  const model = await Model.open({ folder, dtype: null, memorySaver: false, device: 'cpu' });
  const problems = readFileSync(HELD_OUT, 'utf8').split('\n').slice(0, PROMPTS);
  const shares: number[] = [];
  for (const problem of problems) {
    const { ids } = encodePrompt(
      model,
      { kind: 'chat', messages: messagesOf(problem) },
      { variables: {}, date: null },
    );
    const { hidden } = await prefill(model, ids, () => {});
    // The last position predicts the answer.
    const labels = ids.slice(1);
    const z = await model.head.project(hidden.subarray(0, labels.length * model.head.hiddenSize));
    shares.push((100 * (await shortlist(model.head, z)).size) / model.head.vocab);
  }
  await model.release();
  return [
    {
      what: `starter: share of the vocabulary that holds all but ${NEGLIGIBLE} of the probability at every position`,
      figure: figure('%', shares),
      measured: {},
    },
  ];
}

function messagesOf(line: string): ChatMessage[] {
  const { system, question }: { system: string | null; question: string } = JSON.parse(line);
  const asked: ChatMessage = { role: 'user', content: question };
  return system ? [{ role: 'system', content: system }, asked] : [asked];
}

/** @param z [n, vocab] */
async function shortlist(head: Model['head'], z: Float32Array): Promise<Set<number>> {
  const { vocab } = head;
  const none = new Float32Array(vocab);
  const kept = new Set<number>();
  for (let start = 0; start < z.length; start += vocab) {
    const { logprobs } = await head.distributions(z.subarray(start, start + vocab), none);
    const row = logprobs.map(Math.exp);
    let left = 0;
    // From the unlikeliest on: float32 sums to 1 no more exactly than this.
    for (const id of Array.from(row.keys()).sort((a, b) => row[a]! - row[b]!)) {
      left += row[id]!;
      if (left > NEGLIGIBLE) kept.add(id);
    }
  }
  return kept;
}
