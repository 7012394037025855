/** External data is read from the model's own folder alone, and refused in one line elsewhere. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { writeDecoder } from '../../../fixtures/decoder';
import { temporaryFolder } from '../../../fixtures/runs';

const folder = temporaryFolder();

/** ModelProto { ir_version (1), graph (7), opset_import (8) }. */
function modelOf(graph: (graph: WireWriter) => void): Uint8Array {
  const model = new WireWriter().varint(1, 8).message(7, graph);
  return model.message(8, (opset) => opset.varint(2, 17)).finish();
}

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('external data', () => {
  /** An ONNX file whose one weight, of two floats, says that it lies at `location`. */
  function withLocation(name: string, location: string, inNode = false): string {
    const tensor = (t: WireWriter) =>
      t
        .varint(1, 2)
        .varint(2, DataType.FLOAT)
        .text(8, 'w')
        .message(13, (entry) => entry.text(1, 'location').text(2, location))
        .varint(14, 1);
    const path = join(folder, name, 'model.onnx');
    mkdirSync(dirname(path), { recursive: true });
    const constant = (n: WireWriter) =>
      n
        .text(2, 'y')
        .text(4, 'Constant')
        .message(5, (a) => a.text(1, 'value').message(5, tensor).varint(20, 4));
    writeFileSync(
      path,
      modelOf((g) => (inNode ? g.message(1, constant) : g.message(5, tensor))),
    );
    writeFileSync(join(folder, name, 'data'), new Uint8Array(8));
    return path;
  }
  const open = (path: string) => refusal(() => new OnnxFile(path).close());
  writeFileSync(join(folder, 'secret'), new Uint8Array(8));

  it.each([
    '../secret',
    'sub/../../secret',
    'sub/..',
    join(folder, 'secret'),
    '\\\\server\\share\\secret',
    '..\\secret',
    'C:\\secret',
    'c:secret',
    'data\0',
  ])('at %j is refused, in a weight and inside a node', (location) => {
    for (const inNode of [false, true]) {
      const path = withLocation(`outside-${inNode}`, location, inNode);
      expect(open(path)).toMatchObject({ kind: 'input', code: 'external-data-outside' });
    }
  });

  it('in its own folder is read, in a weight and inside a node', () => {
    for (const inNode of [false, true])
      expect(open(withLocation(`inside-${inNode}`, 'data', inNode))).toBeUndefined();
  });

  it('that is a folder, a device or a pipe is refused without waiting for it', () => {
    const path = withLocation('strange', 'strange');
    mkdirSync(join(dirname(path), 'strange'));
    expect(open(path)).toMatchObject({ kind: 'input', code: 'external-data-missing' });
    const device = withLocation('device', 'zero');
    symlinkSync('/dev/zero', join(dirname(device), 'zero'));
    expect(open(device)).toMatchObject({ kind: 'input', code: 'external-data-missing' });
  });

  it('inside a node and behind a link into another folder is refused', () => {
    const path = withLocation('behind-link', 'linked', true);
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    writeFileSync(join(folder, 'blobs', 'abc'), new Uint8Array(8));
    symlinkSync('../blobs/abc', join(dirname(path), 'linked'));
    expect(open(path)).toMatchObject({ kind: 'input', code: 'external-data-linked' });
  });

  it('longer than its tensor is refused', () => {
    const { onnxPath } = writeDecoder(join(folder, 'longer'), { layers: 1, weights: 'external' });
    const text = readFileSync(onnxPath, 'latin1');
    const lengths = text.replace(/(length..)(\d)/, (_, key, digit) => `${key}${digit === '9' ? 8 : 9}`);
    expect(lengths).not.toBe(text);
    writeFileSync(onnxPath, lengths, 'latin1');
    expect(open(onnxPath)).toMatchObject({ kind: 'input' });
  });
});
