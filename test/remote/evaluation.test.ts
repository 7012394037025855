/** Evaluations over a server: no more at once than its slots, none twice, and none lost while the server is away. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { EvalReport } from '../../engine/cli/eval-report';
import { EvaluationConfig, type EvaluationEvent } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { type Asked, error, FakeLlama, type FakeModel } from './fake';
import { writeServed } from './served';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
const PROBLEMS = 6;
let path: string;
let model: FakeModel;

beforeAll(async () => {
  ({ path, model } = await writeServed(join(folder, 'model')));
  const lines = Array.from({ length: PROBLEMS }, (_, i) => ({
    question: `${i} + 1 =`,
    answer: String(i + 1),
  }));
  writeFileSync(join(folder, 'sums.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
});

function config(server: string): EvaluationConfig {
  return EvaluationConfig.parse({
    model: { folder: path, server },
    dataset: { kind: 'file', path: join(folder, 'sums.jsonl') },
    form: { kind: 'template', user: '{{question}}', raw: true },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 2, lr: 0.1 },
    ],
    graders: [{ name: 'number' }],
    generation: { maxNewTokens: 6, ignoreEos: true },
    rows: 4,
  });
}

/** To its end. @returns what was told of it */
async function evaluate(jobId: string, server: string, onEvent: (event: EvaluationEvent) => void = () => {}) {
  const answers: string[] = [];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const unwatch = engine.watchEvaluations((event) => {
    if (event.type === 'answer') answers.push(`${event.answer.problem} ${event.answer.lane}`);
    if (event.type === 'job' && ['done', 'failed', 'paused'].includes(event.job.state)) end();
    onEvent(event);
  });
  await engine.query('evaluations.start', { jobId, title: '', config: config(server) });
  await ended;
  unwatch();
  const { job, provenance } = await engine.query('evaluations.summary', { jobId });
  return { answers, job, provenance: provenance! };
}

/** What `evals show` prints. */
async function shown(jobId: string): Promise<string> {
  const { job, summary, provenance } = await engine.query('evaluations.summary', { jobId });
  let text = '';
  const print = vi.spyOn(process.stdout, 'write').mockImplementation((written) => {
    text += String(written);
    return true;
  });
  try {
    new EvalReport(process.stdout, process.stderr).summary(job, summary, provenance);
  } finally {
    print.mockRestore();
  }
  return text;
}

const isAnswer = ({ path: where, body }: Asked) => where === '/completion' && !body.n_probs;

it('keeps its slots busy and asks no more at once, and names the server among what the result is of', async () => {
  const fake = await FakeLlama.start(model);
  let [now, most] = [0, 0];
  fake.fault = (asked) => {
    if (!isAnswer(asked)) return undefined;
    now++;
    most = Math.max(most, now);
    return (response) => {
      setTimeout(() => {
        now--;
        response.end(JSON.stringify({ tokens: [40, 41, 42, 43, 44, 45] }));
      }, 30);
    };
  };
  const { answers, job, provenance } = await evaluate('busy', fake.address);
  expect(job).toMatchObject({ state: 'done', done: 2 * PROBLEMS });
  expect(new Set(answers).size).toBe(2 * PROBLEMS);
  expect(answers).toHaveLength(2 * PROBLEMS);
  // It has two.
  expect(most).toBe(2);
  expect(provenance.command).toContain(`--server ${fake.address}`);
  expect(provenance.server).toMatchObject({ engine: 'llama.cpp', version: 'fake', model: 'fake' });
  const { concurrency } = provenance;
  expect(concurrency).toMatchObject({ allowed: 2, used: 2, isSettled: true, refused: 0 });
  expect(concurrency!.measured.map(({ atOnce }) => atOnce)).toEqual([2]);
  // As it is kept, and as it is told.
  const { text } = await engine.query('evaluations.export', { jobId: 'busy', format: 'jsonl' });
  expect(JSON.parse(text.split('\n')[0]!).manifest.provenance.concurrency).toEqual(concurrency);
  expect(await shown('busy')).toMatch(
    /server was asked for: 2 at once, of 2 allowed; answers came at [\d.e+]+ a minute with 2\./,
  );
  await fake.stop();
});

it('asks a server that wants fewer requests for fewer, and answers everything', async () => {
  const fake = await FakeLlama.start(model);
  let [now, refused] = [0, 0];
  fake.fault = (asked) => {
    if (!isAnswer(asked)) return undefined;
    if (now === 1) {
      refused++;
      return error(429, 'slow down', { 'retry-after': '0' });
    }
    now++;
    return (response) => {
      setTimeout(() => {
        now--;
        response.end(JSON.stringify({ tokens: [40, 41, 42, 43, 44, 45] }));
      }, 30);
    };
  };
  const { answers, job } = await evaluate('less', fake.address);
  expect(job).toMatchObject({ state: 'done', done: 2 * PROBLEMS });
  expect(new Set(answers).size).toBe(2 * PROBLEMS);
  expect(answers).toHaveLength(2 * PROBLEMS);
  expect(refused).toBeGreaterThan(0);
  await fake.stop();
});

it.each([
  ['429', error(429, 'slow down', { 'retry-after': '0' }), { used: 1, isSettled: true, refused: 2 }],
  [
    '503, which says nothing of how many',
    error(503, 'Loading model', { 'retry-after': '0' }),
    { used: 2, refused: 0 },
  ],
] as const)('heeds the first refusal of the first answers with %s', async (name, refusal, found) => {
  const fake = await FakeLlama.start(model);
  const faults = [refusal, refusal];
  fake.fault = (asked) => (isAnswer(asked) ? faults.shift() : undefined);
  const { job, provenance } = await evaluate(`first-${name.slice(0, 3)}`, fake.address);
  expect(job).toMatchObject({ state: 'done', done: 2 * PROBLEMS });
  expect(provenance.concurrency).toMatchObject({ allowed: 2, ...found });
  await fake.stop();
});

it('writes no answer again where its hidden states are late', async () => {
  const fake = await FakeLlama.start(model);
  const late = [error(429, 'slow down', { 'retry-after': '0' })];
  let asks = 0;
  fake.fault = (asked) => {
    if (isAnswer(asked)) asks++;
    return asked.path === '/embedding' && asks > 0 ? late.shift() : undefined;
  };
  const { job } = await evaluate('late', fake.address);
  expect(late).toEqual([]);
  expect(job).toMatchObject({ state: 'done' });
  expect(asks).toBe(2 * PROBLEMS);
  await fake.stop();
});

it('goes on where it was once the server is back', async () => {
  let fake = await FakeLlama.start(model);
  const { port, address } = fake;
  let written = 0;
  let isBack: Promise<void> | undefined;
  const { answers, job } = await evaluate('away', address, (event) => {
    if (event.type !== 'answer' || ++written !== 3) return;
    isBack = fake.stop().then(async () => {
      fake = await FakeLlama.start(model, undefined, port);
    });
  });
  await isBack;
  expect(job).toMatchObject({ state: 'done', done: 2 * PROBLEMS });
  expect(new Set(answers).size).toBe(2 * PROBLEMS);
  expect(answers).toHaveLength(2 * PROBLEMS);
  await fake.stop();
});

it('does not go on with another model', async () => {
  let fake = await FakeLlama.start(model);
  const { port, address } = fake;
  let written = 0;
  let isBack: Promise<void> | undefined;
  const { job } = await evaluate('other', address, (event) => {
    if (event.type !== 'answer' || ++written !== 3) return;
    isBack = fake.stop().then(async () => {
      fake = await FakeLlama.start(model, undefined, port);
      fake.fault = ({ path: where }) =>
        where === '/v1/models'
          ? { status: 200, body: { data: [{ id: 'new', meta: { n_vocab: model.vocab, n_embd: model.d } }] } }
          : undefined;
    });
  });
  await isBack;
  expect(job).toMatchObject({ state: 'failed', error: { code: 'server-changed' } });
  await fake.stop();
});
