/** A connection that breaks again and again, and brings something each time: the download arrives all the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import timers from 'node:timers/promises';
import { expect, it } from 'vitest';
import { standIn } from '../../fixtures/stand-in';
import { Hosted } from './hosted';

/** The waits between attempts, which are not waited for. */
const waits: number[] = [];
standIn(timers, 'setTimeout', (real) => (delay, ...rest) => {
  waits.push(delay!);
  return real(0, ...rest);
});

const hub = new Hosted();
const FILE = 'onnx/model.onnx_data';
const isData = ({ side, url }: { side: string; url: string }) => side === 'cdn' && url.includes(`${FILE}?`);

it('goes on from each cut, more often than it tries in vain', async () => {
  await hub.host();
  hub.server.trouble = (asked, before) => (isData(asked) && before < 9 ? { cutAfter: 100 } : undefined);
  expect(await hub.pull()).toMatchObject({ state: 'done' });
  const asked = hub.server.asked.filter(isData);
  expect(asked.map(({ range }) => range)).toEqual(
    Array.from({ length: 10 }, (_, i) => (i === 0 ? undefined : `bytes=${100 * i}-`)),
  );
  expect(waits).toEqual(new Array(9).fill(500));
  expect(readFileSync(join(hub.repo, 'blobs', hub.blobOf(FILE)))).toEqual(
    readFileSync(join(hub.model, FILE)),
  );
});

it('ends where an attempt after the other brings nothing', async () => {
  waits.length = 0;
  await hub.host();
  hub.server.trouble = (asked, before) => (isData(asked) ? { cutAfter: before === 0 ? 100 : 0 } : undefined);
  expect(await hub.pull()).toMatchObject({ state: 'failed', problem: { code: 'cut' } });
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000]);
});
