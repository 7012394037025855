/** What each answer of the hub means to the user, which of them may pass, and how often and when it is asked again. */
import { join } from 'node:path';
import timers from 'node:timers/promises';
import { Response } from 'undici';
import { beforeEach, describe, expect, it } from 'vitest';
import { TransientError } from '../../engine/http/failures';
import { deletionError, diskError } from '../../engine/hub/disk';
import { cdnRefusal, cut, refusal, retrying, unreachable } from '../../engine/hub/failures';
import { badInput, type EngineError } from '../../engine/protocol';
import { standIn } from '../../fixtures/stand-in';

let waits: number[];
standIn(timers, 'setTimeout', (real) => (delay, ...rest) => {
  waits.push(delay!);
  return real(0, ...rest);
});
beforeEach(() => {
  waits = [];
});

const PAGE = 'https://hub/org/name';
const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe('an answer of the hub', () => {
  it.each<[number, Record<string, string>, string, string, RegExp]>([
    [404, { 'x-error-code': 'RevisionNotFound' }, 'input', 'no-revision', /no such revision of this model/],
    [404, { 'x-error-code': 'EntryNotFound' }, 'input', 'no-file', /no such file/],
    [404, {}, 'input', 'no-model', /no such model \(404\)/],
    [401, { 'x-error-code': 'GatedRepo' }, 'input', 'gated', /does not grant access to this model \(401\)/],
    [403, {}, 'input', 'gated', /does not grant access to this model \(403\)/],
    [429, {}, 'failure', 'rate-limited', /fewer requests/],
    [408, {}, 'failure', 'hub-trouble', /\(408\)/],
    [500, {}, 'failure', 'hub-trouble', /\(500\)/],
    [503, {}, 'failure', 'hub-trouble', /\(503\)/],
    [499, {}, 'failure', 'bad-answer', /answers with 499/],
    [418, {}, 'failure', 'bad-answer', /answers with 418/],
  ])('%i with %o is a %s, %s', (status, headers, kind, code, message) => {
    const error = refusal(answer(status, headers), PAGE, true);
    expect(error).toMatchObject({ kind, code, message: expect.stringMatching(message) });
    expect(error instanceof TransientError).toBe(['rate-limited', 'hub-trouble'].includes(code));
  });

  it('401 says whether it is the token that is wrong, or that there is none', () => {
    expect(refusal(answer(401), PAGE, true).message).toMatch(/does not accept the token for this model/);
    const without = refusal(answer(401), PAGE, false);
    expect(without).toMatchObject({
      code: 'unauthorised',
      message: expect.stringMatching(/without a token/),
    });
    expect(without.hint).toContain(`accept its licence at ${PAGE};`);
    expect(refusal(answer(404), 'https://hub/datasets/org/name', true).message).toMatch(/no such data set/);
  });

  it.each([
    ['2', 2000],
    [undefined, undefined],
    ['never', undefined],
  ])('says with Retry-After %s when to ask again', (after, ms) => {
    const headers: Record<string, string> = after === undefined ? {} : { 'retry-after': after };
    const all = [refusal(answer(429, headers), PAGE, true), refusal(answer(503, headers), PAGE, true)];
    all.push(cdnRefusal(answer(403, headers), new URL('https://cdn.test/x')));
    for (const error of all) expect(error).toMatchObject({ retryAfter: ms });
  });
});

it('a certificate that nobody trusts will not pass, a host that is away may', () => {
  const thrown = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
  for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED']) {
    const error = unreachable('hub.test', thrown(code));
    expect(error).toMatchObject({ code: 'untrusted', hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
    expect(error).not.toBeInstanceOf(TransientError);
  }
  const error = unreachable('hub.test', thrown('ECONNREFUSED'));
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: 'unreachable', message: 'hub.test cannot be reached (ECONNREFUSED)' });
});

describe('trying again', () => {
  const passing = (retryAfter?: number) => new TransientError('cut', 'cut', '', retryAfter);
  /** Fails so often, then succeeds. */
  const failing = (failures: number, error: Error = passing()) => {
    let asked = 0;
    const work = async () => {
      if (asked++ < failures) throw error;
      return asked;
    };
    return work;
  };

  it('ends after as many attempts as were allowed, each wait twice the last', async () => {
    expect(await retrying(failing(2), { attempts: 3 })).toBe(3);
    expect(waits).toEqual([500, 1000]);
    waits = [];
    await expect(retrying(failing(3), { attempts: 3 })).rejects.toMatchObject({ code: 'cut' });
    expect(waits).toEqual([500, 1000]);
  });

  it('waits as long as it is asked to, at most a minute, and says so', async () => {
    const told: [string, number][] = [];
    const onWait = (why: EngineError, delay: number) => told.push([why.code, delay]);
    await retrying(failing(1, passing(3)), { attempts: 2, onWait });
    await retrying(failing(1, passing(3_600_000)), { attempts: 2, onWait });
    expect(waits).toEqual([3, 60_000]);
    expect(told).toEqual([
      ['cut', 3],
      ['cut', 60_000],
    ]);
  });

  it('begins to count anew where an attempt brought something', async () => {
    let moves = 3;
    expect(await retrying(failing(4), { attempts: 3, hasMoved: () => moves-- > 0 })).toBe(5);
    expect(waits).toEqual([500, 500, 500, 1000]);
  });

  it('is not for what is wrong for good, nor for work that was cancelled', async () => {
    const wrong = badInput('no-model', 'none');
    await expect(retrying(failing(1, wrong), { attempts: 9 })).rejects.toBe(wrong);
    const ended = AbortSignal.abort(new Error('enough'));
    await expect(retrying(failing(1), { attempts: 9, signal: ended })).rejects.toThrow('enough');
    expect(waits).toEqual([]);
  });
});

it.each([
  ['ENOSPC', 'disk-full', /the disk is full where \/cache is/],
  ['EDQUOT', 'disk-full', /full/],
  ['EFBIG', 'file-too-large', /no file may be so large/],
  ['EACCES', 'no-permission', /may not be written/],
  ['EPERM', 'no-permission', /may not be written/],
  ['EROFS', 'no-permission', /may not be written/],
  ['ENOENT', 'cache-gone', /went away/],
  ['ENOTDIR', 'cache-gone', /went away/],
  ['EIO', 'disk', /cannot be written \(EIO\)/],
])('the disk’s %s is told as %s', (errno, code, message) => {
  const error = Object.assign(new Error(errno), { code: errno });
  expect(diskError(error, join('/cache', 'file'))).toMatchObject({
    kind: 'failure',
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  });
});

it('what is no error of the disk stays what it is', () => {
  const all = [cut(new Error('reset')), new Error('no code'), 'text', undefined];
  for (const error of all) expect(diskError(error, '/cache/file')).toBe(error);
  expect(deletionError(new Error('no code'), '/cache', 'win32')).toMatchObject({ message: 'no code' });
});

it.each([
  ['win32', 'EACCES', 'in-use'],
  ['darwin', 'EACCES', 'no-permission'],
  ['win32', 'ENOENT', 'cache-gone'],
] as const)('deleting on %s that ends in %s is told as %s', (platform, code, expected) => {
  const error = Object.assign(new Error(code), { code });
  expect(deletionError(error, '/cache/models--a', platform)).toMatchObject({
    code: expected,
    // Of no path in particular it is the model's folder.
    message: expect.stringContaining('/cache/models--a'),
  });
});
