/** Which graphs are sooner run row by row: those whose exact products are of large matrices of 4 bits. */
import { expect, it } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { widensForRows } from '../../../engine/onnx/views/layer-products';
import type { Arithmetic } from '../../../engine/protocol';

interface Product {
  readonly bits?: number;
  readonly level?: number;
  readonly rows?: number;
  readonly halves?: boolean;
  readonly isMicrosofts?: boolean;
}

/** 1,500 × 1,000 codes are not yet large; one more row is. */
function widens(products: readonly Product[], arithmetic: Arithmetic = 'exact'): boolean {
  const b = GraphBuilder.forViews();
  for (const [
    i,
    { bits = 4, level = 0, rows = 1501, halves = false, isMicrosofts = true },
  ] of products.entries()) {
    const type = halves ? DataType.FLOAT16 : DataType.FLOAT;
    const scales = b.initializer(`scales ${i}`, type, [1], new Uint8Array(0));
    const numbers = { K: 1000, N: rows, bits, block_size: 32, accuracy_level: level };
    const attributes = Object.fromEntries(Object.entries(numbers).map(([name, int]) => [name, { int }]));
    const inputs = ['x', 'codes', scales];
    if (isMicrosofts) b.microsoftNode('MatMulNBits', inputs, attributes);
    else b.node('MatMulNBits', inputs, attributes);
  }
  const bytes = b.finish();
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  const model = readOnnxModel({ size: bytes.length, read });
  return widensForRows(model.nodes, model, arithmetic);
}

it('are sooner so where their products are large, on average', () => {
  expect(widens([{}])).toBe(true);
  expect(widens([{ rows: 1500 }])).toBe(false);
  expect(widens([{ rows: 1000 }, { rows: 2001 }])).toBe(true);
  expect(widens([{ rows: 1000 }, { rows: 2000 }])).toBe(false);
  expect(widens([])).toBe(false);
});

it.each<[string, Product]>([
  ['of 8 bits', { bits: 8 }],
  ['that round activations', { level: 4 }],
  ['whose scales are of half precision', { halves: true }],
  ['of another domain', { isMicrosofts: false }],
])('are not sooner so for products %s, and none of these counts', (_, product) => {
  expect(widens([product])).toBe(false);
  expect(widens([product, { rows: 1500 }])).toBe(false);
  expect(widens([{ ...product, rows: 1 }, {}])).toBe(true);
});

it('are not sooner so where they may be fast', () => {
  expect(widens([{}], 'fast')).toBe(false);
});
