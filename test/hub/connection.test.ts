/** The way to the hub by itself: where it is, whose token is told, how far redirects are followed, what is refused. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { HubConnection } from '../../engine/hub/connection';
import { Connected, ID } from './connected';
import { COMMIT } from './server';

const at = new Connected();
at.put('token', 'hf_file\n');
at.put('home/token', 'hf_home');

const heard = async (more: NodeJS.ProcessEnv) => {
  const own = at.connect(more);
  try {
    await own.fetch(`${at.server.endpoint}/api/models`);
    return at.server.asked.at(-1)!.authorization;
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
    expect(new HubConnection(at.env({ HF_ENDPOINT: text })).endpoint).toBe(endpoint);
  });

  it('that is no address is said before anything is asked', async () => {
    const wrong = new HubConnection(at.env({ HF_ENDPOINT: 'nowhere' }));
    await expect(wrong.open('http://127.0.0.1:9/')).rejects.toMatchObject({
      kind: 'input',
      code: 'bad-endpoint',
    });
  });

  it.each(['1', 'true', 'YES', 'on', '0', 'off', '', 'online'])('HF_HUB_OFFLINE=%s', (text) => {
    const isOffline = ['1', 'true', 'YES', 'on'].includes(text);
    expect(new HubConnection(at.env({ HF_HUB_OFFLINE: text })).isOffline).toBe(isOffline);
  });
});

describe('the token', () => {
  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['nobody has', {}, undefined],
    ['is in the environment', { HF_TOKEN: ' hf_env\n' }, 'Bearer hf_env'],
    ['has its older name', { HUGGING_FACE_HUB_TOKEN: 'hf_older' }, 'Bearer hf_older'],
    ['has both names', { HF_TOKEN: 'hf_env', HUGGING_FACE_HUB_TOKEN: 'hf_older' }, 'Bearer hf_env'],
    ['is in a file', { HF_TOKEN_PATH: join(at.folder, 'token') }, 'Bearer hf_file'],
    ['is in HF_HOME', { HF_HOME: join(at.folder, 'home') }, 'Bearer hf_home'],
    ['is in a folder, which is none', { HF_TOKEN_PATH: at.folder }, undefined],
  ])('that %s', async (_, more, authorization) => {
    expect(await heard(more)).toBe(authorization);
    const own = at.connect(more);
    expect(own.hasToken).toBe(authorization !== undefined);
    await own.close();
  });

  it('is looked for where the hub’s own tools keep it', async () => {
    at.put('cache/huggingface/token', 'hf_cache');
    expect(await heard({ HF_HOME: '', XDG_CACHE_HOME: join(at.folder, 'cache') })).toBe('Bearer hf_cache');
    at.put('.cache/huggingface/token', 'hf_own');
    for (const name of ['HOME', 'USERPROFILE']) vi.stubEnv(name, at.folder);
    expect(await heard({ HF_HOME: '', XDG_CACHE_HOME: '' })).toBe('Bearer hf_own');
    vi.unstubAllEnvs();
  });

  it.each(['hf_\u0007', 'hf a', 'hf_é'])('%j is none', async (token) => {
    await expect(heard({ HF_TOKEN: token })).rejects.toMatchObject({ kind: 'input', code: 'bad-token' });
    expect(at.server.asked).toEqual([]);
  });
});

describe('a redirect', () => {
  const redirecting = (location: (before: number) => string | undefined) => {
    let before = 0;
    at.server.trouble = ({ side }) => {
      const to = side === 'hub' ? location(before++) : undefined;
      return to === undefined ? undefined : { status: 307, headers: { location: to } };
    };
  };

  it('is followed ten times, wherever it leads, and no further', async () => {
    redirecting((before) => (before < 10 ? `/api/models?step=${before}` : undefined));
    expect((await at.hub.open(`${at.server.endpoint}/start`)).status).toBe(200);
    expect(at.server.asked).toHaveLength(11);
    redirecting((before) => `/api/models?again=${before}`);
    await expect(at.hub.open(`${at.server.endpoint}/start`)).rejects.toMatchObject({ code: 'redirects' });
    expect(at.server.asked).toHaveLength(22);
  });

  it.each(['ftp://hub.test/x', 'file:///etc/passwd', 'https://'])('to %s is refused', async (location) => {
    redirecting(() => location);
    await expect(at.hub.open(`${at.server.endpoint}/start`)).rejects.toMatchObject({ code: 'bad-redirect' });
  });

  it('without an address is an answer like others', async () => {
    at.server.trouble = () => ({ status: 304 });
    await expect(at.hub.open(`${at.server.endpoint}/start`)).rejects.toMatchObject({
      code: 'bad-answer',
      message: 'the hub answers with 304',
    });
  });

  it('ends where the work was cancelled, also for the same hub until then', async () => {
    const stop = new AbortController();
    const until = at.hub.until(stop.signal);
    expect(until.signal).toBe(stop.signal);
    stop.abort(new Error('enough'));
    await expect(until.open(`${at.server.endpoint}/api/models`)).rejects.toThrow('enough');
    await expect(until.fetch(`${at.server.endpoint}/api/models`)).rejects.toThrow('enough');
    expect((await at.hub.open(`${at.server.endpoint}/api/models`)).status).toBe(200);
  });
});

it.each([
  ['/api/models/org/gated/revision/main', 'org/gated'],
  ['/org/gated/resolve/main/onnx/model.onnx', 'org/gated'],
  ['/api/datasets/org/gated/tree/main', 'datasets/org/gated'],
])('what is refused at %s is said with the page to go to', async (path, page) => {
  await expect(at.hub.open(at.server.endpoint + path)).rejects.toMatchObject({
    hint: expect.stringContaining(`accept its licence at ${at.server.endpoint}/${page};`),
  });
});

it('an answer that is too long to be one is left', async () => {
  at.server.trouble = ({ side }) => (side === 'cdn' ? { endless: true } : undefined);
  await expect(
    at.hub.fetch(`${at.server.endpoint}/${ID}/resolve/${COMMIT}/onnx/model.onnx`),
  ).rejects.toMatchObject({
    code: 'bad-answer',
    message: expect.stringContaining('too long'),
  });
  await expect.poll(() => at.server.asked.at(-1)!.left).toBe(true);
});

it('a refusal of the CDN is its own, and may pass', async () => {
  await expect(at.hub.open(`${at.server.cdnOrigin}/org/all/x`)).rejects.toMatchObject({
    code: 'cdn-refused',
    message: expect.stringContaining(new URL(at.server.cdnOrigin).host),
  });
});
