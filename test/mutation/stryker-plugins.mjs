/** What Stryker is told and asked of ours. JavaScript, since its workers load it without TypeScript. */
import { relative } from 'node:path';

const WORDS = /\p{L}[\p{L}\d]+[,.:;]? \p{L}/u;

function textOf(node) {
  if (node.type === 'StringLiteral') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.raw).join('$');
  return '';
}

/** Texts of two or more words are read by people alone, and not changed. Codes, keys, names and separators are. */
const wording = {
  shouldIgnore: ({ node }) => (WORDS.test(textOf(node)) ? 'wording' : undefined),
};

/** Tells of each survivor at once: a run may be stopped before its report. */
const survivors = {
  onMutantTested({ status, fileName, location, mutatorName, replacement = '' }) {
    if (status !== 'Survived' && status !== 'NoCoverage') return;
    const place = `${relative('', fileName)}:${location.start.line}`;
    console.log(`${status} ${place} ${mutatorName} → ${replacement.replace(/\s+/g, ' ').slice(0, 80)}`);
  },
};

export const strykerPlugins = [
  { kind: 'Ignore', name: 'wording', value: wording },
  { kind: 'Reporter', name: 'survivors', value: survivors },
];
