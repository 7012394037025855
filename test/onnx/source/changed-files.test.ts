/** Files that are changed, replaced or removed after a model was opened, or read after it was closed. */
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { open, tensorOf, written } from './written';

describe('a file that was changed after it was opened', () => {
  const changes: readonly [string, (path: string) => void][] = [
    ['is rewritten', (path) => utimesSync(path, 1, 1)],
    [
      'grows',
      (path) => {
        const { atime, mtime } = statSync(path);
        writeFileSync(path, 'x', { flag: 'a' });
        utimesSync(path, atime, mtime);
      },
    ],
    ['is gone', (path) => rmSync(path)],
    [
      'is another one of the same size and time',
      (path) => {
        const { atime, mtime, size } = statSync(path);
        renameSync(path, `${path}.before`);
        writeFileSync(path, new Uint8Array(size));
        utimesSync(path, atime, mtime);
      },
    ],
  ];

  it.each(changes)('is told where it %s', (_, change) => {
    for (const which of ['path', 'data'] as const) {
      const places = written('external');
      const file = open(places.path);
      expect(file.isUnchanged).toBe(true);
      expect(() => file.checkUnchanged()).not.toThrow();
      change(places[which]);
      expect(file.isUnchanged).toBe(false);
      expect(() => file.checkUnchanged()).toThrow(
        expect.objectContaining({
          code: 'model-changed',
          message: expect.stringContaining(places[which]),
          hint: expect.stringContaining('Run again'),
        }),
      );
    }
  });

  it('is not read from where its data are others now', () => {
    const { path, data } = written('external');
    const file = open(path);
    utimesSync(data, 1, 1);
    expect(() => file.readFloats(tensorOf(file, 'large'))).toThrow(
      expect.objectContaining({ code: 'model-changed' }),
    );
  });
});

it.each(['inline', 'external'] as const)('nothing is read once it is closed (%s)', (place) => {
  const file = new OnnxFile(written(place).path);
  file.close();
  expect(() => file.readFloats(tensorOf(file, 'large'))).toThrow(/is read after (it|its model) was closed/);
});
