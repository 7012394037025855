/** A small model on this machine, and what a made-up server that has its head says. */
import { ModelHead } from '../../engine/model/model-head';
import type { RunConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { type FakeModel, stateOf } from './fake';

export async function writeServed(
  folder: string,
): Promise<{ readonly path: string; readonly model: FakeModel }> {
  const { folder: path } = writeDecoder(folder, { d: 16, layers: 1 });
  return { path, model: await servedFrom(path) };
}

/** What a made-up server of this model says. */
export async function servedFrom(folder: string): Promise<FakeModel> {
  const own = await ModelHead.openHead({ folder, dtype: null, memorySaver: true, device: 'cpu' });
  const { head } = own;
  const { hiddenSize: d, vocab } = head;
  const nexts: ReadonlyMap<number, number>[] = [];
  try {
    for (let id = 0; id < vocab; id++) {
      const z = await head.project(Float32Array.from(stateOf(id, d)));
      const { logprobs } = await head.distributions(z, new Float32Array(vocab));
      nexts.push(new Map([...logprobs.entries()].slice(0, 20)));
    }
  } finally {
    await own.release();
  }
  return { d, vocab, next: (id) => nexts[id] ?? new Map<number, number>() };
}

/** A short run of that model on a server: a baseline and two steps of SLOT. */
export const shortRun = (
  folder: string,
  server: string,
  more: Partial<RunConfigInput> = {},
): RunConfigInput => ({
  model: { folder, server },
  prompt: { kind: 'raw', text: 'Tom has 3 apples.' },
  lanes: [
    { name: 'baseline', steps: 0 },
    { name: 'slot', steps: 2, lr: 0.1 },
  ],
  generation: { maxNewTokens: 8, ignoreEos: true },
  ...more,
});
