/** One spelling for what LaTeX and models write in many: commands, units, percent, words, Unicode. */

const UNICODE: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '×': '\\times ',
  '÷': '\\div ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  π: '\\pi ',
  θ: '\\theta ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '≥': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '±': '\\pm ',
  '√': '\\sqrt ',
  '∅': '\\emptyset ',
  ℝ: '\\mathbb{R}',
  '°': '',
  '²': '^{2}',
  '³': '^{3}',
  '½': '\\frac{1}{2}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '：': ':',
  '，': ',',
  '（': '(',
  '）': ')',
  '€': '',
  '£': '',
  '¥': '',
  '₹': '',
};

const UNITS =
  'degrees?|deg|radians?|rads?|units?|square|sq|cubic|cu|inch(?:es)?|in|feet|foot|ft|yards?|yd|miles?|mi|' +
  'meters?|metres?|cm|mm|km|dm|nm|kg|mg|grams?|gm|pounds?|lbs?|ounces?|oz|tons?|lit(?:er|re)s?|ml|gallons?|gal|' +
  'seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|mph|kmph|km/h|m/s|' +
  'dollars?|cents?|rupees?|rs|euros?|usd|people|persons?|men|women|students?|children|books?|apples?|ways?|points?|' +
  'times|digits?|edges?|tiles?|coins?|toys?|pieces?|cups?|acres?|hectares?|ohms?|a\\.?m\\.?|p\\.?m\\.?|am|pm|o.clock';
const WORD_UNITS = new RegExp(`([\\d})\\s])\\s*(?:per\\s+)?(?:${UNITS})(?:\\^\\{?[23]\\}?)?\\.?\\s*$`, 'i');
/** A single letter is a unit after a space and a number alone: 3t is an expression. */
const LETTER_UNITS = /^(-?[\d.,]+)\s+[a-zA-Z]$/;
const TEXT_UNITS = /\\text\s*\{[^{}]*\}\s*(?:\^(?:\d|\{-?\d\}))?\s*$/;

const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [
    /\\(?:mathrm|mathit|mathbf|mathsf|boldsymbol|bold|bm|textnormal|textbf|textit|textrm|textsf|mbox|hbox)(?=\s*\{)/g,
    '\\text',
  ],
  [/\\text\s*\{\s*\}/g, ''],
  [/\\(?:d|t|c)frac/g, '\\frac'],
  [/\\(?:m?left|m?right|[bB]igg?[lrm]?)\s*\./g, ''],
  [
    /\\(?:m?left|m?right|[bB]igg?[lrm]?)\s*(?=\\?[()[\]{}|/<>]|\\[lr](?:brace|angle|vert|floor|ceil|brack))/g,
    '',
  ],
  [/(?<!\\)\\([()[\]])/g, '$1'],
  [/\\lbrace(?![a-z])/g, '\\{'],
  [/\\rbrace(?![a-z])/g, '\\}'],
  [/\\(?:lbrack)(?![a-z])/g, '['],
  [/\\(?:rbrack)(?![a-z])/g, ']'],
  [/\\(?:langle)(?![a-z])/g, '('],
  [/\\(?:rangle)(?![a-z])/g, ')'],
  [/\\(?:displaystyle|textstyle|limits|nolimits)(?![a-z])/g, ''],
  // Thousands: 1{,}234, 1,\!234, 1\,234.
  [/(\d)\s*(?:\{,\}|,\s*\\!\s*|\\!\s*,|\\,|\\;|\\:|\\!)\s*(?=\d{3}(?!\d))/g, '$1,'],
  [/\\!/g, ''],
  [/(?<!\\)\\(?:[,;:> ]|(?:quad|qquad|enspace|thinspace)(?![a-zA-Z]))/g, ' '],
  [/\\[hv]space\*?\{[^{}]*\}|\\phantom\{[^{}]*\}/g, ' '],
  [/~(?!=)/g, ' '],
  [/~=/g, '\\approx '],
  [/\\\$|\$/g, ''],
  [/\s*\\text\s*\{\s*(?:percent(?:age)?|pct|%|\\%)\s*\}/gi, '\\%'],
  [/\s*\b(?:percentage|percent|pct)\b/gi, '\\%'],
  [/(?<!\\)%/g, '\\%'],
  [/,?\s*\\text\s*\{\s*,?\s*(?:and|or)\s*\}/g, ','],
  [/(?<![a-zA-Z\\])(?:,?\s*\b(?:and|or)\b)(?![a-zA-Z])/g, ','],
  [/\\(?:infin|infty)(?![a-z])|(?<![a-zA-Z\\])(?:infinity|inf)(?![a-zA-Z])/g, '\\infty '],
  [/\s*\^\s*(?:\\circ(?![a-z])|\{\s*\\circ\s*\})|\\(?:degree|degrees)(?![a-z])/g, ' '],
  [/\\(?:leqslant|leqq|leq)(?![a-z])/g, '\\le '],
  [/\\(?:geqslant|geqq|geq)(?![a-z])/g, '\\ge '],
  [/\\lt(?![a-z])/g, '<'],
  [/\\gt(?![a-z])/g, '>'],
  [/<=/g, '\\le '],
  [/>=/g, '\\ge '],
  [/\\neq(?![a-z])|\\not\s*=|!=/g, '\\ne '],
  [/\\(?:varnothing|O)(?![a-z])/g, '\\emptyset '],
  [/\\colon(?![a-z])/g, ':'],
  [/\\(?:Longrightarrow|Rightarrow|implies|iff|Leftrightarrow|Longleftrightarrow)(?![a-z])/g, '\\implies '],
  [/,?\s*\\(?:ldots|dots|cdots)(?![a-z])\.?/g, ' '],
  [/(\\(?:sqrt|frac))\s+(?=[\d{[\\])/g, '$1'],
];

/** Arguments without their braces: \frac12, \frac{1}2, \sqrt2, sqrt(2), ^(2), log_{2}8. */
const SHORT_ARGUMENTS: readonly (readonly [RegExp, string])[] = [
  [/\\frac\s*(\d)\s*(\d)/g, '\\frac{$1}{$2}'],
  [/\\frac\s*(\d)\s*\{/g, '\\frac{$1}{'],
  [/\\frac\s*(\{[^{}]*\})\s*(\d)/g, '\\frac$1{$2}'],
  [/\\?sqrt\s*\(([^()]*)\)/g, '\\sqrt{$1}'],
  [/(?<![\\a-zA-Z])sqrt\s*(\d+|[a-z])/g, '\\sqrt{$1}'],
  [/\\sqrt\s*(\d)/g, '\\sqrt{$1}'],
  [/\^\s*\(([^()]*)\)/g, '^{$1}'],
  [/\*\*/g, '^'],
  [/(^|[^\d.])\.(?=\d)/g, '$10.'],
];

/** LaTeX in one spelling, without units, currency, degree signs, white space around it and a full stop. */
export function normalise(tex: string): string {
  let text = tex.replace(/\P{ASCII}/gu, (char) => UNICODE[char] ?? char).replace(/\s+/g, ' ');
  // A doubled backslash before a name is an escaped one, but for the rows of a matrix.
  if (!/\\begin|matrix|array|cases/.test(text)) text = text.replace(/\\\\(?=[a-zA-Z{}])/g, '\\');
  for (const [pattern, replacement] of SPELLINGS) text = text.replace(pattern, replacement);
  for (const [pattern, replacement] of SHORT_ARGUMENTS) text = text.replace(pattern, replacement);
  return trim(withoutUnits(trim(text)));
}

function trim(text: string): string {
  return text
    .replace(/^(?:\s|\\\\|[,;:](?!\S*[\])]))+/, '')
    .replace(/(?:\s|\\\\(?!\S)|[.,;:])+$/, '')
    .trim();
}

/** Units are dropped, not compared: 5 cm is 5. What is nothing but a unit stays. */
function withoutUnits(text: string): string {
  let rest = text;
  for (let round = 0; round < 3; round++) {
    const shorter = trim(rest.replace(TEXT_UNITS, '').replace(WORD_UNITS, '$1').replace(LETTER_UNITS, '$1'));
    if (shorter === '' || shorter === rest) break;
    rest = shorter;
  }
  return rest;
}
