/**
 * lm-evaluation-harness' aime24 (0.4.13, after Hendrycks' MATH): the same text once LaTeX's varieties are taken away.
 * Python's errors are part of it: text that its cleaning fails on is compared as it is.
 */
import type { Grade } from '../protocol/grading';

export function gradeAime(gold: string, answer: string): Grade {
  const extracted = boxedAnswer(answer) ?? betweenDollars(answer);
  const [a, g] = [cleaned(extracted), cleaned(gold)];
  const isRight = a === undefined || g === undefined ? extracted === gold : a === g;
  return { extracted, verdict: isRight ? 'right' : 'wrong' };
}

function betweenDollars(text: string): string {
  const [first, last] = [text.indexOf('$'), text.lastIndexOf('$')];
  return first === last ? text : text.slice(first + 1, last);
}

function boxedAnswer(text: string): string | undefined {
  const spaced = text.lastIndexOf('\\boxed ');
  if (spaced >= 0) return text.slice(spaced + '\\boxed '.length).split('$')[0];
  const start = text.includes('\\boxed') ? text.lastIndexOf('\\boxed') : text.lastIndexOf('\\fbox');
  const close = start < 0 ? -1 : balanced(text, start);
  const command = '\\boxed{';
  // \fbox is found, but never unpacked.
  return close >= 0 && text.startsWith(command, start)
    ? text.slice(start + command.length, close)
    : undefined;
}

function balanced(text: string, start: number): number {
  let open = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') open++;
    if (text[i] === '}' && --open === 0) return i;
  }
  return -1;
}

/** @returns undefined where Python raises */
function cleaned(text: string): string | undefined {
  let tex = text
    .replaceAll('\n', '')
    .replaceAll('\\!', '')
    .replaceAll('\\\\', '\\')
    .replaceAll('tfrac', 'frac')
    .replaceAll('dfrac', 'frac')
    .replaceAll('\\left', '')
    .replaceAll('\\right', '')
    .replaceAll('^{\\circ}', '')
    .replaceAll('^\\circ', '')
    .replaceAll('\\$', '');
  const units = tex.split('\\text{ ');
  if (units.length > 2) return undefined;
  tex = units[0]!.replaceAll('\\%', '').replaceAll(' .', ' 0.').replaceAll('{.', '{0.');
  if (tex === '') return '';
  if (tex.startsWith('.')) tex = `0${tex}`;
  const sides = tex.split('=');
  if (sides.length === 2 && codePoints(sides[0]!) <= 2) tex = sides[1]!;
  const roots = withBraces(tex);
  const fractions = roots === undefined ? undefined : withFractions(roots.replaceAll(' ', ''));
  if (fractions === undefined) return undefined;
  return slashed(fractions === '0.5' ? '\\frac{1}{2}' : fractions);
}

function codePoints(text: string): number {
  return [...text].length;
}

function withBraces(tex: string): string | undefined {
  const [first, ...rest] = tex.split('\\sqrt');
  if (rest.includes('')) return undefined;
  return [first, ...rest.map((part) => `\\sqrt${part.startsWith('{') ? part : braced(part)}`)].join('');
}

/** Its first character in braces. */
function braced(text: string): string {
  const [first = '', ...rest] = text;
  return `{${first}}${rest.join('')}`;
}

function withFractions(tex: string): string | undefined {
  const [first, ...rest] = tex.split('\\frac');
  let joined = first!;
  for (const part of rest) {
    if (part === '') return undefined;
    const [a = '', b, ...others] = part;
    if (a === '{') joined += `\\frac${part}`;
    else if (b === undefined) return tex;
    else joined += `\\frac{${a}}${b === '{' ? b : `{${b}}`}${others.join('')}`;
  }
  return joined;
}

/** 3/4 → \frac{3}{4}; other sides of a slash than integers raise. */
function slashed(tex: string): string | undefined {
  const sides = tex.split('/');
  if (sides.length !== 2) return tex;
  if (!sides.every((side) => PYTHON_INTEGER.test(side))) return undefined;
  const [a, b] = sides.map((side) => BigInt(side.trim().replaceAll('_', '').replace(/^\+/, '')));
  return tex === `${a}/${b}` ? `\\frac{${a}}{${b}}` : tex;
}

const PYTHON_INTEGER = /^\s*[+-]?\d+(?:_\d+)*\s*$/;
