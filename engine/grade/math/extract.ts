/**
 * Where a text states its answer, best place first: boxed, then what a sentence announces as the answer, then the last
 * mathematics or number. The patterns and their order are math-verify's with boxes first (0.9, Apache-2.0).
 */
import { closingBraces } from './split';

const PERCENT = String.raw`(?:\\?%|[Pp]ercent(?:age)?|[Pp]ct)`;
const SIMPLE_NUMBER = String.raw`-?\d+(?:[.,]\d+)?`;
const ENVIRONMENTS = [
  String.raw`(?<!\\)\$\$(?:[^$]|\$(?!\$))+?(?<!\\)\$\$`,
  String.raw`(?<!\\)\\\[(?:[^\\]|\\(?!\]))+?(?<!\\)\\\]`,
  String.raw`(?<!\\|\d)\$(?:\\[$]|[^\n$])+?(?<!\\)\$`,
  String.raw`(?<!\\)\\\((?:[^\\\n]|\\(?!\)))+?(?<!\\)\\\)`,
  String.raw`\s\[[^\n\]\[]+?\]\s`,
  String.raw`-?\\frac\{${SIMPLE_NUMBER}\}\{${SIMPLE_NUMBER}\}`,
].join('|');
const AND = String.raw`\s*(?:,?and|,?or|,)\s*`;
const MATHEMATICS = `(?<tex>(?:${ENVIRONMENTS})(?:\\s*${PERCENT})?(?:${AND}(?:${ENVIRONMENTS})(?:\\s*${PERCENT})?){0,5})`;

const NUMBER = String.raw`(?<!\d)(?<number>(?:-?[1-9]\d{0,2}(?:[ ,]\d{3})+(?:\.\d+)?|-?\d+[.,]\d+|\.\d+|-?\d+)(?:\s*${PERCENT})?)`;
const OPERATORS = String.raw`\+\-*×/^()÷`;
const EXPRESSION = String.raw`(?<expression>-?\(?-?\d[\d.\s${OPERATORS}]*[${OPERATORS}][\d.\s${OPERATORS}]+\)?)`;
const BEFORE = String.raw`(?:^|\s|=)(?:\*\*)?`;
const CURRENCY = '[$€£¥₹₽₪₩₫฿₡₢₣₤₥₦₧₨₭₮₯₰₱₲₳₴₵₶₷₸₺₻₼₾₿]?';
const EXPRESSION_ALONE = String.raw`${BEFORE}${EXPRESSION}(?:\*\*)?(?:[.,:\s)$]|$)`;
const NUMBER_ALONE = `${BEFORE}${CURRENCY}${NUMBER}`;
const ARITHMETIC = `(?:${EXPRESSION_ALONE}|${NUMBER_ALONE})`;

const FINAL = '[Ff][Ii][Nn][Aa][Ll] [Aa][Nn][Ss][Ww][Ee][Rr]';
const ANSWER = '[Aa][Nn][Ss][Ww][Ee][Rr]';
const IS = '[Ii][Ss]';

/** Of one rank each; within it the match that ends last comes first. */
const RANKS: readonly (readonly RegExp[])[] = [
  [
    pattern(String.raw`${FINAL} ${IS}:?\s*${MATHEMATICS}\.?\s?I hope`),
    pattern(String.raw`${FINAL} ${IS}:?\s*${ARITHMETIC}\.?\s?I hope`),
  ],
  [
    pattern(String.raw`${FINAL}.{0,100}?\s+is:?\s*${MATHEMATICS}`),
    pattern(String.raw`${FINAL}.{0,100}?\s+is:?${ARITHMETIC}`),
  ],
  [
    pattern(`${ANSWER}:.{0,50}?${MATHEMATICS}`),
    pattern(String.raw`${ANSWER}:(?:.{0,100}=\s*|.{0,50}?)${ARITHMETIC}(?!\s*=)`, ''),
  ],
  [
    pattern(`${ANSWER}.{0,50}?${MATHEMATICS}`),
    pattern(String.raw`${ANSWER}(?:.{0,100}=\s*|.{0,50}?)${ARITHMETIC}(?!\s*=)`, ''),
  ],
  [pattern(MATHEMATICS), pattern(EXPRESSION_ALONE, ''), pattern(NUMBER_ALONE, '')],
];

function pattern(source: string, flags = 's'): RegExp {
  return new RegExp(source, `g${flags}`);
}

const DELIMITED = /\$|\\\(|\\\[|\\boxed|\\fbox/;
/** An amount, whose sign delimits nothing. */
const DOLLARS = /^\s*\\?\$(?=\s?-?[\d.])(?!.*\$)/s;
/** Words that make sentences, and no answer. */
const SENTENCE =
  /(?<![\\a-zA-Z{])(?:the|is|are|was|so|thus|hence|therefore|answer|we|have|get|that|this|there|of|total|because|then|which|he|she|they|it|has|will)(?![a-zA-Z])/i;

export function isSentence(text: string): boolean {
  return SENTENCE.test(text);
}

/**
 * LaTeX of what may be the answer, the likeliest first. A text of nothing but an answer is that answer.
 * @param other what it will be compared with: beside a decimal, 1,5 is one as well
 */
export function* candidates(text: string, other: string): Generator<string> {
  const boxed = lastBoxes(text);
  if (boxed !== undefined) yield boxed;
  const isBare = !DELIMITED.test(text.replace(DOLLARS, ''));
  if (isBare && !isSentence(text))
    yield DECIMAL_COMMA.test(text) && DECIMAL.test(other) ? text.replace(',', '.') : text;
  for (const rank of RANKS) yield* found(text, rank);
}

function isMathematics({ source }: RegExp): boolean {
  return source.includes('<tex>');
}

/** Numbers and arithmetic outside of LaTeX alone, the likeliest answer first. */
export function* arithmetic(text: string): Generator<string> {
  for (const rank of RANKS)
    yield* found(
      text,
      rank.filter((expression) => !isMathematics(expression)),
    );
}

function* found(text: string, rank: readonly RegExp[]): Generator<string> {
  // A number within mathematics is a part of what that says.
  const outside = text.replace(INSIDE, (environment) => '\0'.repeat(environment.length));
  const matches = rank.flatMap((expression) => [
    ...(isMathematics(expression) ? text : outside).matchAll(expression),
  ]);
  matches.sort((a, b) => end(b) - end(a) || a.index - b.index);
  for (const match of matches) yield tex(match);
}

const DECIMAL_COMMA = /^\s*-?\d+,\d+\s*$/;
const DECIMAL = /^\s*\$?-?\d*\.\d+\s*$/;

function end(match: RegExpExecArray): number {
  return match.index + match[0].length;
}

function tex({ groups = {} }: RegExpExecArray): string {
  if (groups.tex !== undefined) return withoutDelimiters(groups.tex);
  return groups.expression ?? numberTex(groups.number ?? '');
}

/** A comma before other than three digits is a decimal one. */
function numberTex(text: string): string {
  if (/\d[ ,]\d{3}(?!\d)/.test(text) && !/^\D*0,/.test(text))
    return text.replace(/(?<=\d)[ ,](?=\d{3})/g, '');
  return text.replace(/(\d),(\d)/, '$1.$2');
}

const INSIDE = new RegExp(ENVIRONMENTS, 'gs');

function withoutDelimiters(text: string): string {
  return text.replace(INSIDE, (environment) =>
    environment.trim().replace(/^(?:\$\$?|\\[[(]|\[)(.*?)(?:\$\$?|\\[\])]|\])$/s, '$1'),
  );
}

const BETWEEN_NEAR = 10;
const BETWEEN_LISTED = 70;

/** The last box, with those before it that belong to the same list: \boxed{1} and \boxed{2}. */
export function lastBoxes(text: string): string | undefined {
  const closings = closingBraces(text);
  const boxes = [...text.matchAll(/\\(?:boxed|fbox)\s*(?=\{)/g)].flatMap((match) => {
    const open = match.index + match[0].length;
    const close = closings.get(open);
    return close === undefined
      ? []
      : [{ start: match.index, close, content: text.slice(open + 1, close).trim() }];
  });
  const listed = boxes.slice(-1);
  for (const box of boxes.slice(0, -1).reverse()) {
    const next = listed[0]!;
    const between = text.slice(box.close + 1, next.start);
    if (box.close > next.start || !belongs(between, box.content !== next.content)) break;
    if (box.content !== next.content) listed.unshift(box);
  }
  return listed.length === 0 ? undefined : listed.map(({ content }) => content).join(', ');
}

function belongs(between: string, isOther: boolean): boolean {
  if (between.length < BETWEEN_NEAR) return true;
  return isOther && between.length < BETWEEN_LISTED && /\b(?:and|or)\b|[,;]/.test(between);
}
