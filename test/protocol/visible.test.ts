/** Hostile and invisible text is spelled out; what can be seen is shown as it is. */
import { describe, expect, it } from 'vitest';
import { cut, oneLine, readableText, visibleJson, visibleToken } from '../../engine/protocol';

const FAMILY = '👨\u200d👩\u200d👧\u200d👦';
const ENGLAND = '\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}';

describe('one token', () => {
  it('shows whitespace', () => {
    expect(visibleToken(' think')).toBe('·think');
    expect(visibleToken('a\n\tb\r')).toBe('a↵⇥b\\r');
    expect(visibleToken('\u00a0\u3000')).toBe('\\xA0\\u3000');
    expect(visibleToken('')).toBe('∅');
  });

  it('is told apart from the signs that stand for others', () => {
    expect(['·', '↵', '⇥'].map((token) => visibleToken(token))).toEqual(['\\xB7', '\\u21B5', '\\u21E5']);
  });

  it('spells out controls, escapes, overrides and what has no width or no ink', () => {
    expect(visibleToken('\u001b[31mred')).toBe('\\x1B[31mred');
    expect(visibleToken('\u202egnp.exe')).toBe('\\u202Egnp.exe');
    expect(visibleToken('\u2066\u2069\u200b\u200d\ufeff')).toBe('\\u2066\\u2069\\u200B\\u200D\\uFEFF');
    expect(visibleToken('\u{e0041}')).toBe('\\u{E0041}');
    expect(visibleToken('\ud800')).toBe('\\uD800');
    expect(visibleToken('\ufe0f\u3164\u2800\u115f')).toBe('\\uFE0F\\u3164\\u2800\\u115F');
  });

  it('gives a lone mark something to stand on', () => {
    expect(visibleToken('\u0301')).toBe('◌\u0301');
    expect(visibleToken('e\u0301')).toBe('e\u0301');
  });

  it('cuts what is too long, between characters', () => {
    expect(visibleToken('x'.repeat(1_000_000))).toBe(`${'x'.repeat(48)}… (1000000 characters)`);
    expect(visibleToken(`${'x'.repeat(47)}😀`)).toBe(`${'x'.repeat(47)}… (49 characters)`);
  });
});

describe('running text', () => {
  it('keeps lines, tabs, letters and emoji, and obeys nothing else', () => {
    expect(readableText('a\n\tb <script>')).toBe('a\n\tb <script>');
    expect(readableText('👩\u200d🔬 نمی\u200cخواهم')).toBe('👩\u200d🔬 نمی\u200cخواهم');
    expect(readableText('x\u202ey\u0007\u2028')).toBe('x\\u202Ey\\x07\\u2028');
  });

  it('keeps flags that are made of tags, and format characters that can be seen', () => {
    const arabicYear = '\u0601\u0661\u0662';
    for (const text of [ENGLAND, arabicYear, '❤\ufe0f', '1️⃣', 'e\u0301', 'שלום']) {
      expect(readableText(text)).toBe(text);
    }
    expect(readableText('\u{E0067}\u{E007F}')).toBe('\\u{E0067}\\u{E007F}');
  });
});

describe('a title', () => {
  it('stands on one line, spaces, dots and joiners as they are', () => {
    expect(oneLine(`a · b ${FAMILY} ${ENGLAND}`)).toBe(`a · b ${FAMILY} ${ENGLAND}`);
    expect(oneLine('می\u200cخواهم ↵ ∅ é')).toBe('می\u200cخواهم ↵ ∅ é');
    expect(oneLine('a\n\n\tb\u202Ec\u001b[0m')).toBe('a b\\u202Ec\\x1B[0m');
    expect(oneLine(' \n')).toBe('(empty)');
  });

  it('is cut between characters, however long', () => {
    expect(oneLine(`ab${FAMILY}c`, 5)).toBe('ab…');
    expect(oneLine('x'.repeat(1_000_000))).toBe(`${'x'.repeat(300)}…`);
    expect(oneLine(`${' '.repeat(5000)}x`)).toBe('x');
    expect(oneLine(`e${'\u0301'.repeat(1000)}`, 100).length).toBeLessThan(110);
  });
});

it('is cut where a character ends, and between code points in a heap of marks', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('e\u0301e\u0301', 3)).toBe('e\u0301');
  expect(cut(`${FAMILY}${FAMILY}`, 20)).toBe(FAMILY);
  expect(cut(`a${'\u{1F3FB}'.repeat(100)}`, 50)).toBe(`a${'\u{1F3FB}'.repeat(24)}`);
});

it('is the same to a parser as JSON, and harmless to a terminal', () => {
  const value = { text: 'a\u001b\u009b\u202e\u{e0067}\u200d👩\n"\\' };
  const json = visibleJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(json).toContain('👩');
});
