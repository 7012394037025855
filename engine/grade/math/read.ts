/** LaTeX → Value: lists, relations, sets, intervals, points, matrices, words; what is left is a scalar. */
import { scalar } from './literal';
import { normalise } from './normalise';
import { argumentsOf, cut, unwrap } from './split';
import type { RelationOperator, Value } from './value';

const LIST = new Set([',', ';']);
const RELATIONS: ReadonlyMap<string, RelationOperator> = new Map([
  ['=', '='],
  ['\\in', '='],
  ['\\ne', '≠'],
  ['<', '<'],
  ['\\le', '≤'],
  ['>', '>'],
  ['\\ge', '≥'],
  ['\\equiv', '≡'],
]);
const RELATION_TOKENS = new Set(RELATIONS.keys());
const UNION = new Set(['\\cup']);
const INTERSECTION = new Set(['\\cap']);
const DIFFERENCE = new Set(['\\setminus', '\\backslash']);
const PLUS_MINUS = /\\(?:pm|mp)(?![a-z])/;
const UPPER = /\\pm(?![a-z])/g;
const LOWER = /\\mp(?![a-z])/g;
const IMPLIES = new Set(['\\implies', '\\to', '\\longrightarrow', '\\rightarrow']);
const APPROXIMATELY = new Set(['\\approx', '\\simeq', '\\sim']);

const THOUSANDS = /^[+-]?\d{1,3}(?:, ?\d{3})+(?:\.\d+)?$/;
/** An article's subject: letters alone, or within \text. */
const LETTERS = /^[a-zA-Z][a-zA-Z\s'-]*$/;

/** @param depth of brackets around it: what no one writes is not followed */
export function read(tex: string): Value {
  return readList(normalise(tex), 0);
}

const MAX_DEPTH = 30;

function readList(tex: string, depth: number): Value {
  if (depth > MAX_DEPTH) return scalar(tex);
  const last = cut(tex, IMPLIES).parts.at(-1) ?? tex;
  if (THOUSANDS.test(last)) return scalar(last.replace(/[, ]/g, ''));
  const parts = cut(last, LIST).parts.filter((part) => part !== '');
  if (parts.length < 2) return readRelation(parts[0] ?? last, depth);
  const items = parts.map((part) => readRelation(part, depth));
  const [first, ...rest] = items;
  // x = 1, 2 is x ∈ {1, 2}; x = 1, y = 2 are two equations.
  if (
    first?.kind === 'relation' &&
    rest.every(({ kind }) => kind !== 'relation') &&
    isNamed(first.sides[0]!)
  ) {
    const [name, ...values] = first.sides;
    return {
      kind: 'relation',
      sides: [name!, set([...values.slice(-1), ...rest])],
      operators: ['='],
    };
  }
  return set(items);
}

function readRelation(tex: string, depth: number): Value {
  const { parts, separators } = cut(tex, RELATION_TOKENS);
  const approximations = parts.map((part) => withoutApproximation(part));
  const sides = approximations.filter((part) => part !== '');
  if (sides.length < 2) return readUnion(sides[0] ?? tex, depth);
  const operators = separators
    .slice(separators.length - sides.length + 1)
    .map((token) => RELATIONS.get(token)!);
  return { kind: 'relation', sides: sides.map((side) => readUnion(side, depth)), operators };
}

/** The exact side of an approximation; the other where the first is a name. */
function withoutApproximation(tex: string): string {
  const { parts } = cut(tex, APPROXIMATELY);
  const first = parts[0] ?? tex;
  return parts.length > 1 && (first === '' || LETTERS.test(first)) ? parts.at(-1)! : first;
}

function readUnion(tex: string, depth: number): Value {
  for (const [kind, separators] of [
    ['difference', DIFFERENCE],
    ['union', UNION],
    ['intersection', INTERSECTION],
  ] as const) {
    const { parts } = cut(tex, separators);
    if (parts.length > 1) return { kind, parts: parts.map((part) => readUnion(part, depth)) };
  }
  return readTerm(tex, depth);
}

function readTerm(tex: string, depth: number): Value {
  // Of one ± all upper signs belong together, and all lower ones.
  if (PLUS_MINUS.test(tex)) {
    const both = [tex.replace(UPPER, '+').replace(LOWER, '-'), tex.replace(UPPER, '-').replace(LOWER, '+')];
    return set(both.map((signed) => readTerm(signed.trim(), depth + 1)));
  }
  return (
    readMatrix(tex, depth) ?? readBrackets(tex, depth) ?? readWords(tex) ?? readRatio(tex) ?? scalar(tex)
  );
}

const MATRIX =
  /^[([{|]*\s*\\begin\s*\{([bpvBV]?matrix|array)\}(?:\s*\{[lcr|\s]*\})?(.*?)\\end\s*\{\1\}\s*[)\]}|]*$/s;

function readMatrix(tex: string, depth: number): Value | undefined {
  const [, name, body] = MATRIX.exec(tex) ?? [];
  // A determinant is a number.
  if (body === undefined || name === 'vmatrix') return undefined;
  const rows = body
    .replace(/\\hline/g, '')
    .split(/\\\\(?:\[[^\]]*\])?/)
    .map((row) => row.trim())
    .filter((row) => row !== '');
  return {
    kind: 'matrix',
    rows: rows.map((row) => row.split('&').map((cell) => readList(cell.trim(), depth + 1))),
  };
}

function readBrackets(tex: string, depth: number): Value | undefined {
  for (const command of ['\\boxed', '\\fbox', '\\text', '\\mathcal']) {
    const held = argumentsOf(tex, command, 1);
    if (held?.rest.trim() !== '') continue;
    const inner = held.values[0]!;
    return command.startsWith('\\text') ? readText(inner, depth) : readList(inner, depth + 1);
  }
  const held = unwrap(tex);
  if (held === undefined) return literalSet(tex);
  const { open, inner, close } = held;
  if (open === '\\{' || close === '\\}') {
    if (inner === '') return set([]);
    const value = readList(inner, depth + 1);
    return value.kind === 'set' ? value : set([value]);
  }
  if (open === '{') return inner === '' ? undefined : readList(inner, depth + 1);
  const { parts } = cut(inner, LIST);
  if (parts.length < 2)
    return inner === '' ? undefined : open === '(' ? readList(inner, depth + 1) : undefined;
  const items = parts.map((part) => readRelation(part, depth + 1));
  if (items.length > 2 || items.some(({ kind }) => kind === 'relation')) return { kind: 'tuple', items };
  const [from, to] = items;
  return { kind: 'interval', from: from!, to: to!, fromOpen: open === '(', toOpen: close === ')' };
}

/** Words, or mathematics that was only set upright. */
function readText(inner: string, depth: number): Value {
  return /\d|\\/.test(inner) ? readList(inner, depth + 1) : words(inner);
}

function literalSet(tex: string): Value | undefined {
  if (tex === '\\emptyset') return set([]);
  if (tex !== '\\mathbb{R}' && tex !== '\\R' && tex !== '\\text{R}') return undefined;
  return { kind: 'interval', from: scalar('-\\infty'), to: scalar('\\infty'), fromOpen: true, toOpen: true };
}

/** Two letters and more, which are not the product of as many variables. */
function readWords(tex: string): Value | undefined {
  const plain = tex.replace(/\\text\s*\{([^{}\\$]*)\}/g, ' $1 ').trim();
  if (!LETTERS.test(plain)) return undefined;
  return plain === tex && !/[a-zA-Z]{4}/.test(plain) ? undefined : words(plain);
}

function words(text: string): Value {
  return { kind: 'words', text: text.toLowerCase().replace(/[\s().,'"-]/g, '') };
}

function readRatio(tex: string): Value | undefined {
  const { parts } = cut(tex, new Set([':']));
  if (parts.length < 2 || parts.includes('')) return undefined;
  if (parts.length === 2) return scalar(`\\frac{${parts[0]}}{${parts[1]}}`);
  return { kind: 'tuple', items: parts.map((part) => scalar(part)) };
}

function set(items: readonly Value[]): Value {
  // ±3, 5 are three numbers.
  return { kind: 'set', items: items.flatMap((item) => (item.kind === 'set' ? item.items : [item])) };
}

/** A variable, or a point of variables: what an answer may name in front of its value. */
export function isNamed(value: Value): boolean {
  switch (value.kind) {
    case 'scalar':
      return NAME.test(value.tex.replace(/\s/g, ''));
    case 'words':
      return true;
    case 'tuple':
      return value.items.every(isNamed);
    case 'interval':
      return isNamed(value.from) && isNamed(value.to);
    default:
      return false;
  }
}

const SYMBOL = "(?:\\\\?[a-zA-Z]+|\\\\[a-zA-Z]+\\{[a-zA-Z]+\\})(?:_(?:\\w|\\{[^{}]*\\}))?'*";
const NAME = new RegExp(
  `^(?:${SYMBOL})+(?:\\((?:${SYMBOL},?)+\\))?(?:[/:](?:${SYMBOL})+)?$|^\\\\frac\\{(?:${SYMBOL})+\\}\\{(?:${SYMBOL})+\\}$`,
);
