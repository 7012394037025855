/** What the hub has: the files of a repository, and the models that a search finds. */
import { describe, expect, it } from 'vitest';
import { fileUrl, readRepo } from '../../engine/hub/repo';
import { searchHub } from '../../engine/hub/search';
import { Connected, ID } from './connected';
import { COMMIT } from './server';

const at = new Connected();

describe('a repository', () => {
  const isWanted = (path: string) => !path.endsWith('.onnx');

  it('has the files that are wanted, by their content, and says where others lie', async () => {
    const repo = await readRepo(at.hub, ID, 'main', 'model', isWanted);
    expect(repo).toMatchObject({ id: ID, commit: COMMIT, elsewhere: 'onnx' });
    // By git's own hash of a file.
    expect(repo.files).toEqual([
      { path: 'a b#c/x.gguf', bytes: 1, blob: '4fc3fe1ce587c1fb2acc24b2074dac4438d1b30b' },
      { path: 'model.safetensors', bytes: 1, blob: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ]);
    expect(fileUrl(at.hub, repo, 'a b#c/x.gguf')).toBe(
      `${at.server.endpoint}/${ID}/resolve/${COMMIT}/a%20b%23c/x.gguf`,
    );
    expect(fileUrl(at.hub, { ...repo, type: 'dataset' }, 'x')).toBe(
      `${at.server.endpoint}/datasets/${ID}/resolve/${COMMIT}/x`,
    );
  });

  it('has twenty thousand files at most', async () => {
    const listed = (count: number) => {
      const files = Array.from({ length: count }, (_, i) => ({
        type: 'file',
        path: `${i}.onnx`,
        size: 1,
        oid: 'e'.repeat(40),
      }));
      return async (url: unknown) =>
        Response.json(String(url).includes('/tree/') ? files : { id: ID, sha: COMMIT });
    };
    const read = (count: number) =>
      readRepo(
        { endpoint: at.server.endpoint, fetch: listed(count) },
        ID,
        'main',
        'model',
        (path) => path < '2',
      );
    expect((await read(20_000)).files).toHaveLength(11_112);
    await expect(read(20_001)).rejects.toMatchObject({
      code: 'bad-answer',
      message: `${ID} has too many files`,
    });
  });

  it('whose answers make no sense is not believed', async () => {
    at.server.trouble = ({ url }) => (url.includes('/tree/') ? { status: 200 } : undefined);
    await expect(readRepo(at.hub, ID, 'main', 'model', isWanted)).rejects.toMatchObject({
      code: 'bad-answer',
    });
  });
});

it('a search finds each model once, the most downloaded first, as many as were asked for', async () => {
  const found = await searchHub(at.hub, 'org', 10, (id) => id === ID);
  expect(found.map(({ id, isCached, gated, downloads }) => [id, isCached, gated, downloads])).toEqual([
    [ID, true, false, 100],
    ['org/gguf', false, false, 99],
    ['org/gated', false, true, 98],
  ]);
  expect(found.map(({ formats }) => formats)).toEqual([
    ['onnx', 'safetensors', 'gguf'],
    ['gguf'],
    found[0]!.formats,
  ]);
  expect((await searchHub(at.hub, 'org', 2, () => false)).map(({ id }) => id)).toEqual([ID, 'org/gguf']);
  expect(await searchHub(at.hub, 'nothing', 2, () => false)).toEqual([]);
});
