/** The named sets, as they lie on the hub: from the cache, from a hub-shaped server, and where access is refused. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openDataset } from '../../engine/dataset/open';
import { PythonRandom } from '../../engine/dataset/python-random';
import { type DatasetName, DatasetSource } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { filesBelow, putInCache } from '../hub/cached';
import { HubServer } from '../hub/server';
import { FIXTURES, readSource, refusal } from './reading';

const root = temporaryFolder();
const cache = join(root, 'hub');
const GSM8K = 'openai/gsm8k';
let server: HubServer | undefined;

/** A repository's files: fixtures by their name, or texts. */
function repository(name: string, files: Readonly<Record<string, { fixture: string } | string>>): string {
  const folder = join(root, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (typeof content === 'string') writeFileSync(join(folder, path), content);
    else copyFileSync(join(FIXTURES, content.fixture), join(folder, path));
  }
  return folder;
}

const named = (name: DatasetName, split?: string) =>
  readSource({ kind: 'named', name, ...(split === undefined ? {} : { split }) });

beforeEach(() => {
  rmSync(cache, { recursive: true, force: true });
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_TOKEN_PATH', join(root, 'no-token'));
  // Whatever is not hosted must not be asked for elsewhere.
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  vi.unstubAllEnvs();
});

async function host(id: string, folder: string, token?: string): Promise<HubServer> {
  server = await HubServer.start({
    [`datasets/${id}`]: { folder, ...(token === undefined ? {} : { token }) },
  });
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  return server;
}

const gsm8k = repository('gsm8k', {
  'main/test-00000-of-00001.parquet': { fixture: 'gsm8k-snappy.parquet' },
  'main/train-00000-of-00001.parquet': { fixture: 'gsm8k-none.parquet' },
  'socratic/test-00000-of-00001.parquet': { fixture: 'gsm8k-gzip.parquet' },
  'README.md': 'GSM8K',
});

describe('GSM8K', () => {
  it('comes from the hub once, the one file that is asked for, and then from the cache', async () => {
    const hub = await host(GSM8K, gsm8k);
    const { problems, gold } = await named('gsm8k');
    expect(problems.map((problem) => problem.gold)).toEqual([
      '18',
      '3',
      '70000',
      '540',
      '20',
      '64',
      '260',
      '160',
    ]);
    expect(gold).toBe('what follows the last #### in "answer"');
    const repo = join(cache, 'datasets--openai--gsm8k');
    const commit = readFileSync(join(repo, 'refs', 'main'), 'utf8');
    expect(filesBelow(join(repo, 'snapshots', commit))).toEqual(['main/test-00000-of-00001.parquet']);
    expect(
      hub.asked.some(({ url }) => url.startsWith(`/datasets/${GSM8K}/resolve/${commit}/main/test-`)),
    ).toBe(true);
    const before = hub.asked.length;
    await named('gsm8k');
    expect(hub.asked).toHaveLength(before);
    // Another split is another file.
    expect((await named('gsm8k', 'train')).problems).toEqual(problems);
    expect(hub.served('.parquet')).toBeGreaterThan(0);
  });

  it('is found where the hub’s own tools have put it, offline', async () => {
    putInCache(cache, GSM8K, gsm8k, 'b'.repeat(40), 'datasets');
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await named('gsm8k')).problems).toHaveLength(8);
    const source = DatasetSource.parse({ kind: 'named', name: 'gsm8k' });
    expect((await openDataset(source)).source).toBe(
      'GSM8K (Cobbe et al. 2021), openai/gsm8k@bbbbbbbbbbbb, split test',
    );
  });

  it('says what to do where there is neither cache nor hub, or no such split', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect(await refusal(named('gsm8k'))).toBe(
      'offline: HF_HUB_OFFLINE is set: the hub is not asked | Unset it to reach the hub.',
    );
    expect(await refusal(named('gsm8k', 'validation'))).toBe(
      'no-split: gsm8k has no split "validation" | It has: test, train.',
    );
    expect(await refusal(named('starter', 'test'))).toContain('It has one part: leave the split out.');
  });

  it('is not kept where it arrives damaged', async () => {
    const hub = await host(GSM8K, gsm8k);
    hub.trouble = ({ side, url }) =>
      side === 'cdn' || url.includes('/resolve/') ? { content: Buffer.alloc(10_679, 7) } : undefined;
    expect(await refusal(named('gsm8k'))).toContain('wrong-content: ');
    expect(filesBelow(cache)).toEqual([]);
  });
});

describe('the other sets', () => {
  it('take MATH-500’s gold from the box of its solution', async () => {
    const row = {
      problem: 'Halve one.',
      solution: 'First $\\boxed{x}$ no: it is $\\boxed{\\frac{1}{2}}$.',
      answer: 'ignored',
      subject: 'Algebra',
      level: 1,
      unique_id: 'test/algebra/1.json',
    };
    putInCache(
      cache,
      'HuggingFaceH4/MATH-500',
      repository('math', { 'test.jsonl': `${JSON.stringify(row)}\n` }),
      undefined,
      'datasets',
    );
    expect((await named('math500')).problems).toEqual([
      { id: 'test/algebra/1.json', question: 'Halve one.', gold: '\\frac{1}{2}', subject: 'Algebra' },
    ]);
  });

  it('keep the leading zeros of AIME’s answers', async () => {
    const folder = repository('aime', { 'data/train-00000-of-00001.parquet': { fixture: 'aime.parquet' } });
    putInCache(cache, 'HuggingFaceH4/aime_2024', folder, undefined, 'datasets');
    expect((await named('aime2024')).problems).toEqual([
      { id: '60', question: 'What is $5^2$?', gold: '025' },
      { id: '61', question: 'What is $200+4$?', gold: '204' },
    ]);
  });

  it.each([['val-00000-of-00001.parquet'], ['ceval-exam-val.parquet']])(
    'read C-Eval’s subjects, in files called %s',
    async (file) => {
      const folder = repository(`ceval-${file}`, {
        [`logic/${file}`]: { fixture: 'ceval-logic.parquet' },
        [`law/${file}`]: { fixture: 'ceval-law.parquet' },
        [`law/${file.replace('val', 'test')}`]: 'not asked for',
      });
      putInCache(cache, 'ceval/ceval-exam', folder, undefined, 'datasets');
      const source = DatasetSource.parse({ kind: 'named', name: 'ceval' });
      expect((await openDataset(source)).source).toBe(
        'C-Eval (Huang et al. 2023), ceval/ceval-exam@aaaaaaaaaaaa, split val, 2 files',
      );
      const { problems } = await named('ceval');
      expect(problems.map(({ id, gold, subject }) => [id, gold, subject])).toEqual([
        ['law/0', 'B', 'law'],
        ['law/1', 'B', 'law'],
        ['logic/0', 'B', 'logic'],
        ['logic/1', 'A', 'logic'],
      ]);
      expect(problems[2]).toMatchObject({
        question: 'logic 一加一等于____。',
        choices: ['1', '2', '3', '4'],
      });
    },
  );

  it('say of GPQA, which is gated, what to do; with a token it comes', async () => {
    const head =
      'Pre-Revision Question,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,High-level domain,Record ID';
    const rows = Array.from({ length: 12 }, (_, i) => `,"Made up, ${i}?",right,w1,w2,w3,Physics,rec${i}`);
    const hub = await host(
      'Idavidrein/gpqa',
      repository('gpqa', { 'gpqa_diamond.csv': `${[head, ...rows].join('\n')}\n` }),
      'hf_yes',
    );
    const page = `${hub.endpoint}/datasets/Idavidrein/gpqa`;
    const wayIn = `If it is gated, accept its licence at ${page}; then set HF_TOKEN, or log in with \`hf auth login\``;
    expect(await refusal(named('gpqa-diamond'))).toBe(
      `unauthorised: the hub shows no such data set without a token (401): it is private or gated, or its name is wrong | ${wayIn}`,
    );
    vi.stubEnv('HF_TOKEN', 'hf_other');
    expect(await refusal(named('gpqa-diamond'))).toBe(
      `gated: the hub does not grant access to this data set (403) | ${wayIn}`,
    );
    vi.stubEnv('HF_TOKEN', 'hf_yes');
    const { problems } = await named('gpqa-diamond');
    expect(problems.map(({ gold }) => gold).join('')).toBe(
      SLOTS.slice(0, 12)
        .map((slot) => 'ABCD'[slot])
        .join(''),
    );
    for (const { choices, gold } of problems) {
      expect(choices!['ABCD'.indexOf(gold)]).toBe('right');
      expect(choices!.filter((choice) => choice !== 'right')).toEqual(['w1', 'w2', 'w3']);
    }
    expect(problems[0]).toMatchObject({ id: 'rec0', question: 'Made up, 0?', subject: 'Physics' });
    // Reading again draws the same.
    expect((await named('gpqa-diamond')).problems).toEqual(problems);
  });
});

const { slots: SLOTS, others } = z
  .object({ slots: z.array(z.int()), others: z.array(z.int()) })
  .parse(JSON.parse(readFileSync(join(FIXTURES, 'python-random.json'), 'utf8')));

it("draws what Python's random module draws", () => {
  const random = new PythonRandom(1234);
  expect(SLOTS.map(() => random.randrange(4))).toEqual(SLOTS);
  const seven = new PythonRandom(7);
  expect(others.map(() => seven.randrange(1000))).toEqual(others);
});
