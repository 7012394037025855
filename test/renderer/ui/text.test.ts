/** Numbers keep their signs, messages become sentences. */

import { describe, expect, it } from 'vitest';
import { number, percent, points, sentence, signed } from '../../../renderer/ui/text/format';

describe('numbers', () => {
  it('carry their sign', () => {
    expect(signed(1.23456)).toBe('+1.235');
    expect(signed(-0.5)).toBe('−0.500');
    expect(signed(0)).toBe('0.000');
    expect(points(-0.0123)).toBe('−1.230');
  });

  it('stay readable when very large or small', () => {
    expect(number(-0.000167)).toBe('−0.00017');
    expect(number(0.605, 0)).toBe('0.60');
    expect(number(-1.23e-7)).toBe('−1.2e−7');
    expect(number(1234567)).toBe('1.23e6');
    expect(number(Number.NaN)).toBe('NaN');
    expect(percent(0.5)).toBe('50.0 %');
    expect(percent(0.00001)).toBe('<0.01 %');
  });
});

it('makes sentences without touching names', () => {
  expect(sentence('the loss is no number')).toBe('The loss is no number.');
  expect(sentence('lines 3 to 4 are left out')).toBe('Lines 3 to 4 are left out.');
  expect(sentence('onnx/model.onnx: too short')).toBe('onnx/model.onnx: too short.');
});
