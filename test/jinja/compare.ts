/**
 * Renders every template of a folder here and in transformers, and counts what differs:
 *
 *   npx tsx test/jinja/compare.ts FOLDER [PYTHON]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChatTemplate } from '../../engine/model/chat-template';
import { EngineError } from '../../engine/protocol';
import { CONVERSATIONS, NOW, SPECIAL_TOKENS } from './conversations';
import { type Answer, askTransformers, type Conversation } from './oracle';

const [folder, python = 'python3'] = process.argv.slice(2);
if (!folder) throw new Error('give a folder of *.jinja files, and a Python that has transformers');

const counts = { equal: 0, 'refused by both': 0, refused: 0, different: 0 };
const reasons = new Map<string, number>();
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.jinja'))
  .sort();
const templates = files.map((file) => readFileSync(join(folder, file), 'utf8'));
const given = CONVERSATIONS.map((each) => ({ ...each, variables: { ...SPECIAL_TOKENS, ...each.variables } }));
const theirs = askTransformers(python, templates, given);
for (const [at, file] of files.entries()) {
  const template = templates[at] ?? '';
  const before = counts.equal + counts['refused by both'];
  for (const [i, conversation] of CONVERSATIONS.entries()) {
    const { verdict, reason } = judge(file, rendered(template, conversation), theirs[at]?.[i]);
    counts[verdict]++;
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const same = counts.equal + counts['refused by both'] - before;
  console.log(`${same === CONVERSATIONS.length ? ' ' : '!'} ${file}: ${same} of ${CONVERSATIONS.length}`);
}
for (const [reason, count] of reasons) console.log(`${count} × ${reason}`);
console.log(counts);
process.exitCode = counts.different === 0 ? 0 : 1;

function rendered(source: string, { messages, addGenerationPrompt, variables }: Conversation): Answer {
  try {
    const template = new ChatTemplate('model', source, SPECIAL_TOKENS);
    return { text: template.render(messages, { addGenerationPrompt, variables, now: NOW }) };
  } catch (error) {
    if (error instanceof EngineError) return { error: error.message };
    throw error;
  }
}

function judge(
  file: string,
  ours: Answer,
  theirs: Answer | undefined,
): { verdict: keyof typeof counts; reason?: string } {
  if (!theirs) throw new Error('transformers gave no answer');
  if ('text' in ours && 'text' in theirs && ours.text === theirs.text) return { verdict: 'equal' };
  const isUnsupported = 'error' in ours && ours.error.includes('not supported');
  if (isUnsupported && 'text' in theirs) return { verdict: 'refused', reason: `${file}: ${ours.error}` };
  if ('error' in ours && 'error' in theirs) return { verdict: 'refused by both' };
  const [mine, other] = [ours, theirs].map((each) =>
    'text' in each ? `text ${JSON.stringify(each.text.slice(-160))}` : each.error,
  );
  return { verdict: 'different', reason: `${file}: ${mine}\n  transformers: ${other}` };
}
