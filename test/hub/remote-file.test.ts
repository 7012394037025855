/** What is fetched of a file on the hub that is read from afar: which bytes, how often, and from whom they are taken. */
import { describe, expect, it } from 'vitest';
import { RemoteFile } from '../../engine/hub/remote-file';
import { Connected, ID, KIB, WEIGHTS } from './connected';
import { COMMIT } from './server';

const at = new Connected();

describe('a file on the hub', () => {
  const BLOCK = 16 * KIB;
  const remote = (size = WEIGHTS.length) =>
    new RemoteFile(at.hub, `${at.server.endpoint}/${ID}/resolve/${COMMIT}/onnx/model.onnx`, size);
  const read = (file: RemoteFile, offset: number, length: number) =>
    file.whenThere(() => Buffer.from(file.read(offset, length)));
  const fetched = () => at.server.asked.flatMap(({ side, range }) => (side === 'cdn' ? [range] : []));

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
    expect(file.fetched).toBe(at.server.served());
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
    at.server.asked.length = 0;
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
    const sides = () => at.server.asked.map(({ side }) => side);
    expect(sides()).toEqual(['hub', 'cdn', 'cdn']);
    at.server.trouble = ({ side }, before) => (side === 'cdn' && before === 2 ? { status: 403 } : undefined);
    await read(file, 8 * BLOCK, 1);
    expect(sides().slice(3)).toEqual(['cdn', 'hub', 'cdn']);
  });

  it.each<[string, Parameters<typeof Object.assign>[0]]>([
    ['the whole', { ignoreRange: true }],
    ['another part', { headers: { 'content-range': `bytes 1-${BLOCK}/${WEIGHTS.length}` } }],
    ['a part of another size', { headers: { 'content-range': `bytes 0-${BLOCK - 1}/7` } }],
  ])('is not taken from a server that sends %s', async (_, trouble) => {
    at.server.trouble = ({ side }) => (side === 'cdn' ? trouble : undefined);
    await expect(read(remote(), 0, 1)).rejects.toMatchObject({ kind: 'failure', code: 'no-ranges' });
  });

  it('is left in the middle where it is sent without end', async () => {
    at.server.trouble = ({ side }) =>
      side === 'cdn'
        ? { headers: { 'content-range': `bytes 0-${BLOCK - 1}/${WEIGHTS.length}` }, endless: true }
        : undefined;
    await expect(read(remote(), 0, 1)).rejects.toMatchObject({ code: 'no-ranges' });
    await expect.poll(() => at.server.asked.at(-1)!.left).toBe(true);
  });

  it('is not read from afar where that would be most of it', async () => {
    const file = remote(2 ** 40);
    await expect(file.ensure(0, 64 * KIB * KIB + 1)).rejects.toMatchObject({ code: 'too-scattered' });
    expect(at.server.asked).toEqual([]);
    // Nothing is asked of what lies beyond its end.
    await remote().ensure(WEIGHTS.length + BLOCK, WEIGHTS.length + 2 * BLOCK);
    expect(at.server.asked).toEqual([]);
  });

  it('is read from memory once it has been fetched', async () => {
    const file = remote();
    await file.ensure(0, WEIGHTS.length);
    const before = at.server.asked.length;
    expect((await read(file, 0, WEIGHTS.length)).equals(WEIGHTS)).toBe(true);
    expect(at.server.asked.length).toBe(before);
  });
});
