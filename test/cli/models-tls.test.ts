/** `models` against a hub that speaks https, with a certificate of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { TunnelProxy } from '../hub/proxy';
import { HubServer } from '../hub/server';
import { cli } from './process';

const folder = temporaryFolder();
const TOKEN = 'hf_secret';

/**
 * For localhost alone, trusted by these tests alone, and secret to nobody:
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
 *   -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem
 */
const pem = (name: string) => fileURLToPath(new URL(`../hub/tls/${name}.pem`, import.meta.url));
const tls = { cert: readFileSync(pem('cert'), 'utf8'), key: readFileSync(pem('key'), 'utf8') };

let server: HubServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const model = writeDecoder(join(folder, 'model')).folder;
  server = await HubServer.start(
    {
      'some-org/elsewhere': { folder: model },
      'some-org/direct': { folder: model, lfsFrom: Number.POSITIVE_INFINITY },
    },
    tls,
  );
  env = {
    HF_HOME: join(folder, 'home'),
    HF_ENDPOINT: server.endpoint,
    HF_TOKEN: TOKEN,
    SLOT_STUDIO_DATA: join(folder, 'data'),
    NODE_EXTRA_CA_CERTS: pem('cert'),
  };
});
afterAll(() => server.stop());

it('follows no redirect to an address without it', async () => {
  const failed = await cli(['models', 'pull', 'some-org/elsewhere'], env);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^error: the hub redirects to an address that is not secure/m);
  expect(server.asked.filter(({ side }) => side === 'cdn')).toEqual([]);
  expect(server.asked.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
});

it('goes through a tunnel, which hears where to and not the token', async () => {
  const proxy = await TunnelProxy.start();
  try {
    const done = await cli(['models', 'pull', 'some-org/direct'], { ...env, HTTPS_PROXY: proxy.address });
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/\ndone\n$/) });
    expect(proxy.asked.length).toBeGreaterThan(0);
    for (const { url } of proxy.asked) expect(`https://${url}`).toBe(server.endpoint);
    expect(JSON.stringify(proxy.asked) + done.stdout + done.stderr).not.toContain(TOKEN);
  } finally {
    proxy.stop();
  }
});

it('does not trust a certificate that nobody vouches for, and says what to do', async () => {
  server.asked.length = 0;
  const failed = await cli(['models', 'inspect', 'some-org/direct', '--on-hub'], {
    ...env,
    NODE_EXTRA_CA_CERTS: undefined,
  });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^error: .*certificate.*NODE_EXTRA_CA_CERTS/);
  expect(server.asked).toEqual([]);
});
