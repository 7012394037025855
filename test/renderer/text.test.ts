/** Hostile and invisible text is spelled out, numbers keep their signs. */
import { describe, expect, it } from 'vitest';
import { number, percent, points, sentence, signed } from '../../renderer/text/format';
import { readableText, visibleToken } from '../../renderer/text/visible';

describe('one token', () => {
  it('shows whitespace', () => {
    expect(visibleToken(' think')).toBe('·think');
    expect(visibleToken('a\n\tb\r')).toBe('a↵⇥b\\r');
    expect(visibleToken('\u00a0\u3000')).toBe('\\xA0\\u3000');
    expect(visibleToken('')).toBe('∅');
  });

  it('spells out controls, escapes, overrides and what has no width', () => {
    expect(visibleToken('\u001b[31mred')).toBe('\\x1B[31mred');
    expect(visibleToken('\u202egnp.exe')).toBe('\\u202Egnp.exe');
    expect(visibleToken('\u2066\u2069\u200b\u200d\ufeff')).toBe('\\u2066\\u2069\\u200B\\u200D\\uFEFF');
    expect(visibleToken('\u{e0041}')).toBe('\\u{E0041}');
    expect(visibleToken('\ud800')).toBe('\\uD800');
  });

  it('cuts what is too long', () => {
    expect(visibleToken('x'.repeat(1_000_000))).toBe(`${'x'.repeat(48)}… (1000000 characters)`);
  });
});

describe('an answer', () => {
  it('keeps lines, tabs, letters and emoji, and obeys nothing else', () => {
    expect(readableText('a\n\tb <script>')).toBe('a\n\tb <script>');
    expect(readableText('👩\u200d🔬 نمی\u200cخواهم')).toBe('👩\u200d🔬 نمی\u200cخواهم');
    expect(readableText('x\u202ey\u0007\u2028')).toBe('x\\u202Ey\\x07\\u2028');
  });
});

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
  expect(sentence('onnx/model.onnx: too short')).toBe('onnx/model.onnx: too short.');
});
