/**
 * Leaves out what a change cannot hurt by rule: texts of two or more words, which are read by people alone.
 * Codes, keys, names and separators stay. JavaScript, since Stryker's workers load it without TypeScript.
 */
const WORDS = /\p{L}[\p{L}\d]+[,.:;]? \p{L}/u;

function textOf(node) {
  if (node.type === 'StringLiteral') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.raw).join('$');
  return '';
}

const wording = {
  shouldIgnore: ({ node }) => (WORDS.test(textOf(node)) ? 'wording' : undefined),
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'wording', value: wording }];
