/** A second server of the same model answers what has no shift, and is refused where it runs another one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { EvaluationConfig, ModelSettings } from '../../engine/protocol';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { type Asked, FakeLlama, type FakeModel, ok, stateOf } from './fake';
import { FakeVllm } from './fake-vllm';
import { shortRun, writeServed } from './served';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
let path: string;
let model: FakeModel;
let first: FakeLlama;
let second: FakeLlama;

beforeAll(async () => {
  ({ path, model } = await writeServed(join(folder, 'model')));
});

beforeEach(async () => {
  [first, second] = await Promise.all([FakeLlama.start(model), FakeLlama.start(model)]);
});

afterEach(() => Promise.all([first.stop(), second.stop()]));

const modelOf = (server: string, baselineServer: string) => ({ folder: path, server, baselineServer });
const open = (baseline: string) =>
  engine.query('model.open', ModelSettings.parse(modelOf(first.address, baseline)));

const answers = ({ asked }: { asked: readonly Asked[] }) =>
  asked.filter(({ path: where, body }) => where === '/completion' && !body.n_probs);
const shifted = (server: { asked: readonly Asked[] }) =>
  answers(server).map(({ body }) => body.logit_bias !== undefined);

/** Of prompts and answers together: longer than what is read of the prompt alone. */
const reads = ({ asked }: FakeLlama) =>
  asked.filter(({ path: where, body }) => where === '/embedding' && body.content!.length < 128).length;

it('answers the baseline there and the shifted lane on the first, each read again where it was written', async () => {
  await open(second.address);
  const [before, beforeToo] = [reads(first), reads(second)];
  const events = await runEvents(
    engine,
    shortRun(path, first.address, { model: modelOf(first.address, second.address) }),
  );
  expect(shifted(first)).toEqual([true]);
  expect(shifted(second)).toEqual([false]);
  expect(answerOf(events, 'slot')).toHaveLength(8);
  expect(answerOf(events, 'baseline')).toHaveLength(8);
  // The prompt and an answer; an answer.
  expect([reads(first) - before, reads(second) - beforeToo]).toEqual([2, 1]);
  expect(one(events, 'run.started').config.model.baselineServer).toBe(second.address);
  const told = only(events, 'notice').find(({ code }) => code === 'server')!.message;
  expect(told).toMatch(/Lanes without a shift: llama\.cpp at .* by 0\.0 % from the other server’s/);
});

it('takes a baseline from vLLM beside llama.cpp’s server', async () => {
  const vllm = await FakeVllm.start(model);
  const events = await runEvents(
    engine,
    shortRun(path, first.address, { model: modelOf(first.address, vllm.address) }),
  );
  expect(shifted(first)).toEqual([true]);
  const written = vllm.asked.filter(({ body }) => body.stream);
  expect(written.map(({ body }) => body.vllm_xargs)).toEqual([undefined]);
  expect(answerOf(events, 'baseline')).toHaveLength(8);
  await vllm.stop();
});

it('reads the prompt there too where the answer is one token', async () => {
  const config = shortRun(path, first.address, { model: modelOf(first.address, second.address) });
  await open(second.address);
  const before = reads(second);
  await runEvents(engine, { ...config, generation: { maxNewTokens: 1, ignoreEos: true } });
  expect(reads(second) - before).toBe(1);
});

it('refuses a server whose layers are another model’s, with the same head', async () => {
  const moved = (id: number) => (id + 7) % model.vocab;
  second.fault = ({ path: where, body }) => {
    if (where === '/embedding' && typeof body.content === 'object' && body.content.length < 128)
      return ok([{ embedding: body.content.map((id) => stateOf(moved(id), model.d)) }]);
    if (where !== '/completion' || !body.n_probs) return undefined;
    const next = model.next(moved(body.prompt.at(-1)!));
    return ok({
      completion_probabilities: [{ top_logprobs: [...next].map(([id, logprob]) => ({ id, logprob })) }],
    });
  };
  await expect(open(second.address)).rejects.toMatchObject({
    code: 'server-baseline',
    message: expect.stringMatching(/baseline runs fake, whose next-token distributions are [\d.]+ nats/),
    hint: expect.stringContaining('same file'),
  });
  second.fault = () => undefined;
  expect((await open(second.address)).server?.baseline).toMatchObject({
    address: second.address,
    difference: { kl: 0 },
  });
});

it('refuses one with another vocabulary, and one that is named without the first', async () => {
  second.fault = ({ path: where }) =>
    where === '/v1/models'
      ? ok({ data: [{ id: 'small', meta: { n_vocab: 7, n_embd: model.d } }] })
      : undefined;
  await expect(open(second.address)).rejects.toMatchObject({ code: 'server-head', message: /small/ });
  expect(ModelSettings.safeParse({ folder: path, baselineServer: second.address }).error?.issues).toEqual([
    expect.objectContaining({ path: ['baselineServer'] }),
  ]);
});

it('does not go on where the second runs another model by now', async () => {
  await open(second.address);
  second.fault = ({ path: where }) =>
    where === '/v1/models'
      ? ok({ data: [{ id: 'new', meta: { n_vocab: model.vocab, n_embd: model.d } }] })
      : undefined;
  const events = await runEvents(
    engine,
    shortRun(path, first.address, { model: modelOf(first.address, second.address) }),
  );
  expect(events.at(-1)).toMatchObject({ type: 'run.failed', code: 'server-changed' });
});

it('answers an evaluation’s baselines there, and keeps both servers with it', async () => {
  writeFileSync(
    join(folder, 'sums.jsonl'),
    ['2', '3', '4'].map((sum) => JSON.stringify({ question: `1 + ${+sum - 1} =`, answer: sum })).join('\n'),
  );
  const config = EvaluationConfig.parse({
    model: modelOf(first.address, second.address),
    dataset: { kind: 'file', path: join(folder, 'sums.jsonl') },
    form: { kind: 'template', user: '{{question}}', raw: true },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 2, lr: 0.1 },
    ],
    graders: [{ name: 'number' }],
    generation: { maxNewTokens: 4, ignoreEos: true },
    rows: 4,
  });
  const ended = new Promise<void>((resolve) => {
    engine.watchEvaluations((event) => {
      if (event.type === 'job' && ['done', 'failed'].includes(event.job.state)) resolve();
    });
  });
  await engine.query('evaluations.start', { jobId: 'both', title: '', config });
  await ended;
  const { job, provenance } = await engine.query('evaluations.summary', { jobId: 'both' });
  expect(job).toMatchObject({ state: 'done', done: 6 });
  expect(shifted(first)).toEqual([true, true, true]);
  expect(shifted(second)).toEqual([false, false, false]);
  expect(provenance!.command).toContain(`--server ${first.address} --baseline-server ${second.address}`);
  expect(provenance!.server).toMatchObject({ address: first.address, baseline: { address: second.address } });
  // Two slots each.
  expect(provenance!.concurrency).toMatchObject({ allowed: 4 });
});
