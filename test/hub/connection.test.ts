/** The way to the hub by itself: where it is, whose token is told, how far redirects are followed, what is fetched of a file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { HubConnection } from '../../engine/hub/connection';
import { RemoteFile } from '../../engine/hub/remote-file';
import { fileUrl, readRepo } from '../../engine/hub/repo';
import { searchHub } from '../../engine/hub/search';
import { temporaryFolder } from '../../fixtures/runs';
import { COMMIT, HubServer } from './server';

const folder = temporaryFolder();
const KIB = 1024;
const WEIGHTS = Buffer.from(Uint8Array.from({ length: 300 * KIB + 100 }, (_, i) => (i * 7 + (i >> 8)) % 251));

function put(path: string, content: string | Uint8Array = ''): void {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, content);
}
put('all/onnx/model.onnx', WEIGHTS);
put('all/a b#c/x.gguf', 'G');
put('all/model.safetensors', 'S');
put('gguf/x.gguf');
put('token', 'hf_file\n');
put('home/token', 'hf_home');

const ID = 'org/all';
let server: HubServer;
let hub: HubConnection;

/** As a user without any configuration has it, whose home is empty. */
const env = (more: NodeJS.ProcessEnv = {}) => ({ HF_HOME: join(folder, 'nobody'), ...more });
const connect = (more: NodeJS.ProcessEnv = {}) =>
  new HubConnection(env({ HF_ENDPOINT: server.endpoint, ...more }));

beforeAll(async () => {
  const repos = { [ID]: { folder: join(folder, 'all') }, 'org/gguf': { folder: join(folder, 'gguf') } };
  server = await HubServer.start({ ...repos, 'org/gated': { ...repos[ID]!, token: 'hf_secret' } });
});
afterAll(() => server.stop());
beforeEach(() => {
  server.trouble = () => undefined;
  server.asked.length = 0;
  hub = connect();
});
afterEach(() => hub.close());

const heard = async (more: NodeJS.ProcessEnv) => {
  const own = connect(more);
  try {
    await own.fetch(`${server.endpoint}/api/models`);
    return server.asked.at(-1)!.authorization;
  } finally {
    await own.close();
  }
};

describe('the endpoint', () => {
  it.each([
    [undefined, 'https://huggingface.co'],
    ['', 'https://huggingface.co'],
    ['https://hub.test//', 'https://hub.test'],
    ['http://hub.test:8/mirror/', 'http://hub.test:8/mirror'],
    ['hub.test', ''],
    ['ftp://hub.test', ''],
    ['file:///etc', ''],
    ['https://me:secret@hub.test', ''],
    ['https://me@hub.test', ''],
  ])('%s is %s', (text, endpoint) => {
    expect(new HubConnection(env({ HF_ENDPOINT: text })).endpoint).toBe(endpoint);
  });

  it('that is no address is said before anything is asked', async () => {
    const wrong = new HubConnection(env({ HF_ENDPOINT: 'nowhere' }));
    await expect(wrong.open('http://127.0.0.1:9/')).rejects.toMatchObject({
      kind: 'input',
      code: 'bad-endpoint',
    });
  });

  it.each(['1', 'true', 'YES', 'on', '0', 'off', '', 'online'])('HF_HUB_OFFLINE=%s', (text) => {
    const isOffline = ['1', 'true', 'YES', 'on'].includes(text);
    expect(new HubConnection(env({ HF_HUB_OFFLINE: text })).isOffline).toBe(isOffline);
  });
});

describe('the token', () => {
  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['nobody has', {}, undefined],
    ['is in the environment', { HF_TOKEN: ' hf_env\n' }, 'Bearer hf_env'],
    ['has its older name', { HUGGING_FACE_HUB_TOKEN: 'hf_older' }, 'Bearer hf_older'],
    ['has both names', { HF_TOKEN: 'hf_env', HUGGING_FACE_HUB_TOKEN: 'hf_older' }, 'Bearer hf_env'],
    ['is in a file', { HF_TOKEN_PATH: join(folder, 'token') }, 'Bearer hf_file'],
    ['is in HF_HOME', { HF_HOME: join(folder, 'home') }, 'Bearer hf_home'],
    ['is in a folder, which is none', { HF_TOKEN_PATH: folder }, undefined],
  ])('that %s', async (_, more, authorization) => {
    expect(await heard(more)).toBe(authorization);
    const own = connect(more);
    expect(own.hasToken).toBe(authorization !== undefined);
    await own.close();
  });

  it('is looked for where the hub’s own tools keep it', async () => {
    put('cache/huggingface/token', 'hf_cache');
    expect(await heard({ HF_HOME: '', XDG_CACHE_HOME: join(folder, 'cache') })).toBe('Bearer hf_cache');
    put('.cache/huggingface/token', 'hf_own');
    for (const name of ['HOME', 'USERPROFILE']) vi.stubEnv(name, folder);
    expect(await heard({ HF_HOME: '', XDG_CACHE_HOME: '' })).toBe('Bearer hf_own');
    vi.unstubAllEnvs();
  });

  it.each(['hf_\u0007', 'hf a', 'hf_é'])('%j is none', async (token) => {
    await expect(heard({ HF_TOKEN: token })).rejects.toMatchObject({ kind: 'input', code: 'bad-token' });
    expect(server.asked).toEqual([]);
  });
});

describe('a redirect', () => {
  const redirecting = (location: (before: number) => string | undefined) => {
    let before = 0;
    server.trouble = ({ side }) => {
      const to = side === 'hub' ? location(before++) : undefined;
      return to === undefined ? undefined : { status: 307, headers: { location: to } };
    };
  };

  it('is followed ten times, wherever it leads, and no further', async () => {
    redirecting((before) => (before < 10 ? `/api/models?step=${before}` : undefined));
    expect((await hub.open(`${server.endpoint}/start`)).status).toBe(200);
    expect(server.asked).toHaveLength(11);
    redirecting((before) => `/api/models?again=${before}`);
    await expect(hub.open(`${server.endpoint}/start`)).rejects.toMatchObject({ code: 'redirects' });
    expect(server.asked).toHaveLength(22);
  });

  it.each(['ftp://hub.test/x', 'file:///etc/passwd', 'https://'])('to %s is refused', async (location) => {
    redirecting(() => location);
    await expect(hub.open(`${server.endpoint}/start`)).rejects.toMatchObject({ code: 'bad-redirect' });
  });

  it('without an address is an answer like others', async () => {
    server.trouble = () => ({ status: 304 });
    await expect(hub.open(`${server.endpoint}/start`)).rejects.toMatchObject({
      code: 'bad-answer',
      message: 'the hub answers with 304',
    });
  });

  it('ends where the work was cancelled, also for the same hub until then', async () => {
    const stop = new AbortController();
    const until = hub.until(stop.signal);
    expect(until.signal).toBe(stop.signal);
    stop.abort(new Error('enough'));
    await expect(until.open(`${server.endpoint}/api/models`)).rejects.toThrow('enough');
    await expect(until.fetch(`${server.endpoint}/api/models`)).rejects.toThrow('enough');
    expect((await hub.open(`${server.endpoint}/api/models`)).status).toBe(200);
  });
});

it.each([
  ['/api/models/org/gated/revision/main', 'org/gated'],
  ['/org/gated/resolve/main/onnx/model.onnx', 'org/gated'],
  ['/api/datasets/org/gated/tree/main', 'datasets/org/gated'],
])('what is refused at %s is said with the page to go to', async (path, page) => {
  await expect(hub.open(server.endpoint + path)).rejects.toMatchObject({
    hint: expect.stringContaining(`accept its licence at ${server.endpoint}/${page};`),
  });
});

it('an answer that is too long to be one is left', async () => {
  server.trouble = ({ side }) => (side === 'cdn' ? { endless: true } : undefined);
  await expect(hub.fetch(`${server.endpoint}/${ID}/resolve/${COMMIT}/onnx/model.onnx`)).rejects.toMatchObject(
    {
      code: 'bad-answer',
      message: expect.stringContaining('too long'),
    },
  );
  await expect.poll(() => server.asked.at(-1)!.left).toBe(true);
});

it('a refusal of the CDN is its own, and may pass', async () => {
  await expect(hub.open(`${server.cdnOrigin}/org/all/x`)).rejects.toMatchObject({
    code: 'cdn-refused',
    message: expect.stringContaining(new URL(server.cdnOrigin).host),
  });
});

describe('a repository', () => {
  const isWanted = (path: string) => !path.endsWith('.onnx');

  it('has the files that are wanted, by their content, and says where others lie', async () => {
    const repo = await readRepo(hub, ID, 'main', 'model', isWanted);
    expect(repo).toMatchObject({ id: ID, commit: COMMIT, elsewhere: 'onnx' });
    // By git's own hash of a file.
    expect(repo.files).toEqual([
      { path: 'a b#c/x.gguf', bytes: 1, blob: '4fc3fe1ce587c1fb2acc24b2074dac4438d1b30b' },
      { path: 'model.safetensors', bytes: 1, blob: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ]);
    expect(fileUrl(hub, repo, 'a b#c/x.gguf')).toBe(
      `${server.endpoint}/${ID}/resolve/${COMMIT}/a%20b%23c/x.gguf`,
    );
    expect(fileUrl(hub, { ...repo, type: 'dataset' }, 'x')).toBe(
      `${server.endpoint}/datasets/${ID}/resolve/${COMMIT}/x`,
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
        { endpoint: server.endpoint, fetch: listed(count) },
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
    server.trouble = ({ url }) => (url.includes('/tree/') ? { status: 200 } : undefined);
    await expect(readRepo(hub, ID, 'main', 'model', isWanted)).rejects.toMatchObject({ code: 'bad-answer' });
  });
});

it('a search finds each model once, the most downloaded first, as many as were asked for', async () => {
  const found = await searchHub(hub, 'org', 10, (id) => id === ID);
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
  expect((await searchHub(hub, 'org', 2, () => false)).map(({ id }) => id)).toEqual([ID, 'org/gguf']);
  expect(await searchHub(hub, 'nothing', 2, () => false)).toEqual([]);
});

describe('a file on the hub', () => {
  const BLOCK = 16 * KIB;
  const remote = (size = WEIGHTS.length) =>
    new RemoteFile(hub, `${server.endpoint}/${ID}/resolve/${COMMIT}/onnx/model.onnx`, size);
  const read = (file: RemoteFile, offset: number, length: number) =>
    file.whenThere(() => Buffer.from(file.read(offset, length)));
  const fetched = () => server.asked.flatMap(({ side, range }) => (side === 'cdn' ? [range] : []));

  it('is what lies there, across the blocks that it comes in', async () => {
    const file = remote();
    for (const [offset, length] of [
      [0, 10],
      [BLOCK - 5, 10],
      [5 * BLOCK, BLOCK],
      [WEIGHTS.length - 50, 50],
      [3 * BLOCK + 1, 4 * BLOCK],
    ] as const)
      expect((await read(file, offset, length)).equals(WEIGHTS.subarray(offset, offset + length))).toBe(true);
    expect(file.fetched).toBe(server.served());
    expect((await read(file, 10, 0)).length).toBe(0);
    // No further than it reaches.
    expect(await read(file, WEIGHTS.length - 10, 50)).toEqual(WEIGHTS.subarray(-10));
  });

  it('comes in blocks, each once, and in larger pieces the further it is read on', async () => {
    const file = remote();
    for (let at = 0; at < WEIGHTS.length; at += BLOCK) await read(file, at, 1);
    const ends = [2, 6, 14].map((blocks) => blocks * BLOCK);
    expect(fetched()).toEqual(
      [...ends, WEIGHTS.length].map((end, i) => `bytes=${ends[i - 1] ?? 0}-${end - 1}`),
    );
    expect(file.fetched).toBe(WEIGHTS.length);
    // Elsewhere it begins with one again.
    const other = remote();
    server.asked.length = 0;
    for (const block of [4, 5, 9, 10]) await read(other, block * BLOCK, 1);
    expect(fetched().map((range) => range!.split('=')[1])).toEqual(
      [
        [4, 5],
        [5, 7],
        [9, 10],
        [10, 12],
      ].map(([from, to]) => `${from! * BLOCK}-${to! * BLOCK - 1}`),
    );
  });

  it('is asked for at the hub once, and again where the address that it gave does not hold', async () => {
    const file = remote();
    await read(file, 0, 1);
    await read(file, 5 * BLOCK, 1);
    const sides = () => server.asked.map(({ side }) => side);
    expect(sides()).toEqual(['hub', 'cdn', 'cdn']);
    server.trouble = ({ side }, before) => (side === 'cdn' && before === 2 ? { status: 403 } : undefined);
    await read(file, 8 * BLOCK, 1);
    expect(sides().slice(3)).toEqual(['cdn', 'hub', 'cdn']);
  });

  it.each<[string, Parameters<typeof Object.assign>[0]]>([
    ['the whole', { ignoreRange: true }],
    ['another part', { headers: { 'content-range': `bytes 1-${BLOCK}/${WEIGHTS.length}` } }],
    ['a part of another size', { headers: { 'content-range': `bytes 0-${BLOCK - 1}/7` } }],
  ])('is not taken from a server that sends %s', async (_, trouble) => {
    server.trouble = ({ side }) => (side === 'cdn' ? trouble : undefined);
    await expect(read(remote(), 0, 1)).rejects.toMatchObject({ kind: 'failure', code: 'no-ranges' });
  });

  it('is left in the middle where it is sent without end', async () => {
    server.trouble = ({ side }) =>
      side === 'cdn'
        ? { headers: { 'content-range': `bytes 0-${BLOCK - 1}/${WEIGHTS.length}` }, endless: true }
        : undefined;
    await expect(read(remote(), 0, 1)).rejects.toMatchObject({ code: 'no-ranges' });
    await expect.poll(() => server.asked.at(-1)!.left).toBe(true);
  });

  it('is not read from afar where that would be most of it', async () => {
    const file = remote(2 ** 40);
    await expect(file.ensure(0, 64 * KIB * KIB + 1)).rejects.toMatchObject({ code: 'too-scattered' });
    expect(server.asked).toEqual([]);
    // Nothing is asked of what lies beyond its end.
    await remote().ensure(WEIGHTS.length + BLOCK, WEIGHTS.length + 2 * BLOCK);
    expect(server.asked).toEqual([]);
  });

  it('is read from memory once it has been fetched', async () => {
    const file = remote();
    await file.ensure(0, WEIGHTS.length);
    const before = server.asked.length;
    expect((await read(file, 0, WEIGHTS.length)).equals(WEIGHTS)).toBe(true);
    expect(server.asked.length).toBe(before);
  });
});
