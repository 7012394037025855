/** What a server refuses, breaks or makes up: said in a line, and nothing of it kept. */
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Params } from '../../engine/protocol';
import { Hosted, ID, TOKEN } from './hosted';
import { COMMIT } from './server';

const hub = new Hosted();

it('keeps nothing of what does not match its checksum', async () => {
  await hub.host();
  const wrong = readFileSync(join(hub.model, 'onnx', 'model.onnx_data_2'));
  wrong[500]! ^= 1;
  hub.server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes('_data_2') ? { content: wrong } : undefined;
  const failed = await hub.pull();
  expect(failed).toMatchObject({ state: 'failed', problem: { kind: 'failure', code: 'wrong-content' } });
  expect(failed.problem?.message).toContain('onnx/model.onnx_data_2');
  expect(failed.files.find(({ path }) => path.endsWith('_data_2'))).toMatchObject({ done: 0 });
  // It came in one go, and would come like this again.
  const asked = hub.server.asked.filter(({ side, url }) => side === 'cdn' && url.includes('_data_2'));
  expect(asked).toHaveLength(1);
  expect(existsSync(join(hub.repo, 'snapshots'))).toBe(false);
  expect(existsSync(join(hub.repo, 'refs'))).toBe(false);
  const { models, pulls } = await hub.engine.query('models.list', {});
  expect(models.map(({ name }) => name)).toEqual(['starter']);
  expect(pulls).toMatchObject([{ id: ID, state: 'failed' }]);
  hub.server.trouble = () => undefined;
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect((await hub.engine.query('models.list', {})).pulls).toEqual([]);
});

it.each<[string, string, Record<string, string>]>([
  ['another size', 'x-linked-size', { 'x-linked-size': '1' }],
  ['another checksum', 'x-linked-etag', { 'x-linked-etag': `"${'0'.repeat(64)}"` }],
  ['another commit', 'x-repo-commit', { 'x-repo-commit': 'f'.repeat(40) }],
])('refuses %s before the download, by %s', async (_what, _header, headers) => {
  await hub.host();
  hub.server.trouble = ({ side, url }) =>
    side === 'hub' && url.endsWith('model.onnx_data') ? { headers } : undefined;
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
  expect(hub.server.served('model.onnx_data')).toBe(0);
});

it('tells what went wrong first, not what that ended', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }) => {
    if (side === 'hub' && url.endsWith('_data_2')) return { headers: { 'x-linked-size': '1' } };
    return side === 'cdn' ? { stallAfter: 100 } : undefined;
  };
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
});

it('refuses content longer than was said', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes('_data_2') ? { content: Buffer.alloc(10_000_000) } : undefined;
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
  expect(hub.partials().filter((path) => lstatSync(join(hub.cache, path)).size > 1_000_000)).toEqual([]);
});

it('leaves an answer that does not end, and keeps nothing of it', async () => {
  await hub.host();
  hub.server.trouble = ({ side, url }) =>
    side === 'cdn' && url.includes('_data_2') ? { endless: true } : undefined;
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
  expect(hub.partials().filter((path) => path.includes(hub.blobOf('onnx/model.onnx_data_2')))).toEqual([]);
});

it.each<[string, (start: number, size: number) => string]>([
  ['from another place', (start, size) => `bytes ${start - 1}-${size - 1}/${size}`],
  ['of another size', (start, size) => `bytes ${start}-${size - 1}/${size + 1}`],
  ['that cannot be read', () => 'all of it'],
])('refuses the rest of a file where its content-range is one %s', async (_, range) => {
  await hub.host();
  const size = hub.size('onnx/model.onnx_data_2');
  hub.server.trouble = ({ side, url }, before) => {
    if (side !== 'cdn' || !url.includes('_data_2')) return undefined;
    return before === 0 ? { cutAfter: 1000 } : { headers: { 'content-range': range(1000, size) } };
  };
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'wrong-content' } });
  // By what it says of itself: had the bytes been taken, their checksum would have been right.
  const again = hub.server.asked.filter(({ side, url }) => side === 'cdn' && url.includes('_data_2'));
  expect(again.map((each) => each.range)).toEqual([undefined, 'bytes=1000-']);
  hub.server.trouble = () => undefined;
  expect(await hub.pull()).toMatchObject({ state: 'done' });
});

it('shows no model while one of its files could not be put in its place', async () => {
  await hub.host();
  // What stands there is no file, and not ours to remove.
  const taken = join(hub.repo, 'snapshots', COMMIT, 'tokenizer.json', 'full');
  mkdirSync(taken, { recursive: true });
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { kind: expect.any(String) } });
  expect(existsSync(join(hub.repo, 'snapshots', COMMIT, 'onnx', 'model.onnx'))).toBe(false);
  expect(existsSync(join(hub.repo, 'refs'))).toBe(false);
  const { models } = await hub.engine.query('models.list', {});
  expect(models.map(({ name }) => name)).toEqual(['starter']);
  // All of it had come: nothing is downloaded again.
  rmSync(join(hub.repo, 'snapshots'), { recursive: true });
  const served = hub.server.served();
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  expect(hub.server.served()).toBe(served);
});

it.each<[string, string, Partial<Params<'models.pull'>>, string, RegExp]>([
  ['a gated model with a token that is not let in', 'hf_other', {}, 'gated', /grant access.*403/],
  ['a gated model without a token', '', {}, 'unauthorised', /private or gated/],
  ['a model that is not there', TOKEN, { id: 'some-org/absent' }, 'no-model', /no such model/],
  ['a revision that is not there', TOKEN, { revision: 'v9' }, 'no-revision', /no such revision/],
  ['a dtype that is not there', TOKEN, { dtype: 'q4' }, 'no-dtype', /no dtype "q4"/],
  ['a token that is none', 'hf_\u0007', {}, 'bad-token', /characters that no token has/],
])('refuses %s in a line', async (_what, token, asked, code, message) => {
  vi.stubEnv('HF_TOKEN', token);
  vi.stubEnv('HF_HOME', join(hub.folder, 'nobody'));
  await hub.host({ token: TOKEN });
  const failed = await hub.pull(asked);
  expect(failed).toMatchObject({ state: 'failed', problem: { kind: 'input', code } });
  expect(failed.problem?.message).toMatch(message);
  expect(JSON.stringify(failed)).not.toContain(TOKEN);
  if (/gated|unauthorised/.test(code)) {
    expect(failed.problem?.hint).toContain(
      `accept its licence at ${hub.server.endpoint}/${ID}; then set HF_TOKEN`,
    );
  }
  // There is nothing to go on with.
  expect(JSON.parse(readFileSync(join(hub.folder, 'data', 'models.json'), 'utf8'))).toMatchObject({
    pulls: [],
  });
});

it.each([
  '../../outside.onnx',
  '/etc/outside.onnx',
  'C:\\outside.onnx',
  'onnx\\..\\..\\outside.onnx',
  'onnx/../../outside',
  'nul\u0000.onnx',
  7,
])('refuses a repository that lists %j', async (path) => {
  const extra = [{ type: 'file', path, size: 3, oid: 'e'.repeat(40) }];
  await hub.host({ extra });
  expect(await hub.pull()).toMatchObject({
    state: 'failed',
    problem: { kind: 'failure', code: 'unsafe-name' },
  });
  expect(existsSync(hub.repo)).toBe(false);
});

it.each([
  ['a size that is none', { size: -1, oid: 'e'.repeat(40) }],
  ['a hash that is a path', { size: 3, oid: '../../../../outside' }],
])('refuses a repository with %s', async (_what, entry) => {
  await hub.host({ extra: [{ type: 'file', path: 'onnx/model_q4.onnx', ...entry }] });
  expect(await hub.pull({ dtype: 'q4' })).toMatchObject({ state: 'failed', problem: { code: 'bad-answer' } });
  expect(existsSync(hub.repo)).toBe(false);
});

it.each([
  ['nowhere', [], 'Look for an export of it: models search tiny'],
  ['elsewhere', ['cpu/int4/model.onnx'], 'If cpu/int4 holds a model, get that folder with `hf download`'],
])('says what to do about a repository that has ONNX files %s', async (_, paths, hint) => {
  const folder = join(hub.folder, 'configs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), '{}');
  await hub.host({
    folder,
    extra: paths.map((path) => ({ type: 'file', path, size: 3, oid: 'e'.repeat(40) })),
  });
  const { problem } = await hub.pull();
  expect(problem).toMatchObject({ kind: 'input', code: 'no-model' });
  expect(problem?.hint).toContain(hint);
});
