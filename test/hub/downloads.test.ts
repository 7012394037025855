/** Downloads as the list of models has them: begun once, not deleted while they run, and left to be gone on from at the end. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { METHODS, type Params, type Pull } from '../../engine/protocol';
import { Hosted, ID } from './hosted';

const hub = new Hosted();
const begin = (asked: Partial<Params<'models.pull'>> = {}) =>
  hub.engine.query('models.pull', METHODS['models.pull'].params.parse({ id: ID, ...asked }));
const remove = (asked: Partial<Params<'models.remove'>> = {}) =>
  hub.engine.query('models.remove', METHODS['models.remove'].params.parse({ id: ID, ...asked }));
const pulls = async () => (await hub.engine.query('models.list', {})).pulls;
const commitsAsked = () => hub.server.asked.filter(({ url }) => url.includes('/revision/')).length;

/** Begins one whose weights stop coming after 500 bytes; it is told once they have. */
async function stalled(asked: Partial<Params<'models.pull'>> = {}): Promise<Pull> {
  hub.server.trouble = ({ side }) => (side === 'cdn' ? { stallAfter: 500 } : undefined);
  const told = new Promise<Pull>((resolve) => {
    const unwatch = hub.engine.watchPulls((now) => {
      if (!now.files.some(({ done, bytes }) => done === 500 && bytes > 500)) return;
      unwatch();
      resolve(now);
    });
  });
  await begin(asked);
  return told;
}

it('one that runs is not begun again; one that was paused is', async () => {
  await hub.host();
  const { pullId } = await stalled({ dtype: 'fp16' });
  expect(await begin({ dtype: 'fp16' })).toMatchObject({ pullId, state: 'downloading' });
  expect((await pulls()).map(({ state }) => state)).toEqual(['downloading']);
  expect(commitsAsked()).toBe(1);
  await hub.engine.query('models.pause', { pullId: 'of nothing' });
  await hub.engine.query('models.pause', { pullId });
  await expect.poll(async () => (await pulls()).map(({ state }) => state)).toEqual(['paused']);
  hub.server.trouble = () => undefined;
  expect(await hub.pull({ dtype: 'fp16' })).toMatchObject({ pullId, state: 'done' });
  expect(await pulls()).toEqual([]);
});

it('what it brings cannot be deleted while it runs, other things of the model can', async () => {
  await hub.host();
  await hub.pull({ dtype: 'fp32' });
  const { pullId } = await stalled({ dtype: 'fp16' });
  for (const asked of [{}, { dtype: 'fp16' }, { revision: 'main' }])
    await expect(remove(asked)).rejects.toMatchObject({ kind: 'input', code: 'pull-active' });
  expect((await remove({ dtype: 'fp32' })).freed).toBeGreaterThan(0);
  expect((await remove({ dtype: 'fp16', revision: 'v9' })).freed).toBe(0);
  expect(await pulls()).toMatchObject([{ pullId, state: 'downloading' }]);
  await hub.engine.query('models.pause', { pullId });
  await expect.poll(async () => (await pulls()).map(({ state }) => state)).toEqual(['paused']);
  await remove({ dtype: 'fp16' });
  expect([await pulls(), existsSync(hub.repo)]).toEqual([[], false]);
});

it('one that runs when the engine ends is left to be gone on from', async () => {
  await hub.host();
  await stalled({ dtype: 'fp16' });
  await hub.engine.dispose();
  expect(hub.partials()).toEqual([expect.stringMatching(/\.paused\.incomplete$/)]);
  hub.restart();
  const [left, ...more] = await pulls();
  expect(more).toEqual([]);
  expect(left).toMatchObject({ state: 'paused', dtype: 'fp16', bytesPerSecond: null, problem: null });
  expect(left!.bytes - left!.done).toBe(hub.size('onnx/model_fp16.onnx') - 500);
});

it('the list has no more of a begun one than the file has', async () => {
  await hub.host();
  await stalled({ dtype: 'fp16' });
  await hub.engine.dispose();
  const [partial] = hub.partials();
  writeFileSync(join(hub.cache, partial!), Buffer.alloc(hub.size('onnx/model_fp16.onnx') + 1));
  hub.restart();
  const [left] = await pulls();
  expect(left!.files.find(({ path }) => path.endsWith('fp16.onnx'))).toMatchObject({ done: 0 });
});

it('a model is found by the address of its page, too', async () => {
  await hub.host();
  const search = async (query: string) =>
    (await hub.engine.query('models.search', { query, limit: 5 })).models.map(({ id }) => id);
  expect(await search(`${hub.server.endpoint}/${ID}/tree/main`)).toEqual([ID]);
  expect(await search('none of them')).toEqual([]);
});
