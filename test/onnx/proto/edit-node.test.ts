/** A node with one attribute changed is the same node in all else, to the byte. */
import { expect, it } from 'vitest';
import { withInt } from '../../../engine/onnx/proto/edit-node';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';

const INT = 2;
const FLOAT = 1;

function node(...attributes: ((attribute: WireWriter) => void)[]): Uint8Array {
  const written = new WireWriter()
    .text(1, 'x')
    .text(1, '')
    .text(1, 'scales')
    .text(2, 'y')
    .text(3, '/layer/q');
  written.text(4, 'MatMulNBits').text(7, 'com.microsoft').text(6, 'a note').text(8, 'overload');
  for (const attribute of attributes) written.message(5, attribute);
  return written.finish();
}

const int = (name: string, value: number) => (attribute: WireWriter) =>
  void attribute.text(1, name).varint(3, value).varint(20, INT);
const scale = (attribute: WireWriter) => void attribute.text(1, 'alpha').float(2, 0.5).varint(20, FLOAT);

it.each([
  ['an attribute that is there', node(int('K', 64), int('level', 0), scale)],
  ['one that is not', node(int('K', 64), scale)],
  ['one that is given twice', node(int('level', 1), int('K', 64), int('level', 0), scale)],
])('sets %s and keeps the rest', (_, before) => {
  expect(withInt(before, 'level', 4)).toEqual(node(int('K', 64), scale, int('level', 4)));
});

it('knows no other name that begins like it', () => {
  const before = node(int('level_of_detail', 1));
  expect(withInt(before, 'level', 4)).toEqual(node(int('level_of_detail', 1), int('level', 4)));
});

it('leaves out what no node has: a number of its own', () => {
  const strange = new WireWriter().text(1, 'x').varint(9, 7).text(2, 'y').finish();
  const plain = new WireWriter().text(1, 'x').text(2, 'y').message(5, int('level', 4)).finish();
  expect(withInt(strange, 'level', 4)).toEqual(plain);
});
