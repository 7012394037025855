/** Which part of a prompt's text is whose, by templates of every habit: those that trim, leave out, move or change messages. */
import { describe, expect, it } from 'vitest';
import { findTurns } from '../../engine/model/turns';
import type { ChatMessage } from '../../engine/protocol';

type Template = (messages: readonly ChatMessage[], addsGenerationPrompt: boolean) => string;

const message = (role: ChatMessage['role'], content: string): ChatMessage => ({ role, content });
const user = message('user', 'Why?');
const system = message('system', 'Think.');
const answer = message('assistant', 'So.');

const tags =
  (change: (content: string) => string): Template =>
  (messages, adds) =>
    messages.map(({ role, content }) => `<${role}>${change(content)}</>`).join('') +
    (adds ? '<assistant>' : '');
const plain = tags((content) => content);

/** What each stretch holds, in the text that the template makes of the messages. */
function found(template: Template, messages: readonly ChatMessage[], text = template(messages, true)) {
  const turns = findTurns(template, messages, text);
  const textOf = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
  return (
    turns && {
      contents: turns.contents.map((turn) => [turn.role, textOf(turn)]),
      system: turns.system && textOf(turns.system),
    }
  );
}

describe('contents', () => {
  it('are found in order, between the words of the template', () => {
    expect(found(plain, [system, user, answer, user])).toEqual({
      contents: [
        ['system', 'Think.'],
        ['user', 'Why?'],
        ['assistant', 'So.'],
        ['user', 'Why?'],
      ],
      system: '<system>Think.</>',
    });
  });

  it.each<[string, (content: string) => string, string]>([
    ['at both ends', (content) => content.trim(), 'a b'],
    ['before it', (content) => content.trimStart(), 'a b \n'],
    ['behind it', (content) => content.trimEnd(), '\n a b'],
  ])('may be trimmed %s', (_, change, content) => {
    expect(found(tags(change), [message('user', '\n a b \n')])?.contents).toEqual([['user', content]]);
  });

  it('may be empty, and may hold the words of the template', () => {
    expect(found(plain, [message('user', ''), message('assistant', '</><user>'), user])?.contents).toEqual([
      ['user', ''],
      ['assistant', '</><user>'],
      ['user', 'Why?'],
    ]);
  });

  it('that the template leaves out are missing, and those that it writes twice are there twice', () => {
    const last: Template = (messages, adds) => plain(messages.slice(-1), adds);
    expect(found(last, [system, user])?.contents).toEqual([['user', 'Why?']]);
    const twice: Template = (messages) => messages.map(({ content }) => `${content}|${content};`).join('');
    expect(found(twice, [user])?.contents).toEqual([
      ['user', 'Why?'],
      ['user', 'Why?'],
    ]);
    expect(found(() => 'always the same', [user])).toEqual({ contents: [], system: null });
  });

  it('are told from a beginning of themselves', () => {
    const bare: Template = (messages) => messages.map(({ content }) => content.trim()).join('');
    // Trimmed at its end, the last one is all that is left of the text.
    expect(found(bare, [message('user', 'ab  ')])?.contents).toEqual([['user', 'ab']]);
    expect(found(bare, [user, message('assistant', 'ab  ')])?.contents).toEqual([
      ['user', 'Why?'],
      ['assistant', 'ab'],
    ]);
  });

  it.each<[string, Template]>([
    ['changes them', tags((content) => content.toUpperCase())],
    ['cuts them', tags((content) => content.slice(0, 2))],
    [
      'counts their letters',
      (messages) => messages.map(({ content }) => `${content.length}:${content}`).join(),
    ],
    ['counts them otherwise', tags((content) => content.replace(/\d{6}/, '000009'))],
    ['says more at the end of short ones', (m) => `${m[0]!.content}!${m[0]!.content.length < 9 ? '?' : ''}`],
    [
      'begins with other words for short ones',
      (m) => `${m[0]!.content.length < 9 ? 'ab' : 'cd'} ${m[0]!.content}`,
    ],
    ['begins otherwise for short ones', (m) => `${m[0]!.content.length < 9 ? '?' : ''}${m[0]!.content}!`],
  ])('are not told by a template that %s', (_, template) => {
    expect(found(template, [user])).toBeUndefined();
  });

  it('are not told of another text, nor by a template that refuses them marked', () => {
    expect(found(plain, [user], 'something else')).toBeUndefined();
    expect(found(plain, [user], `${plain([user], true)} and more`)).toBeUndefined();
    const picky: Template = (messages, adds) => {
      if (messages[0]?.content !== 'Why?') throw new Error('not asked');
      return plain(messages, adds);
    };
    expect(found(picky, [user])).toBeUndefined();
  });

  it('are not told of a text that holds a marker of its own', () => {
    let marker = '';
    const spy: Template = (messages, adds) => {
      marker = messages[0]!.content;
      return plain(messages, adds);
    };
    findTurns(spy, [user], plain([user], true));
    expect(marker).not.toBe(user.content);
    expect(found(plain, [message('user', `It is ${marker}.`)])).toBeUndefined();
  });
});

describe('the system turn', () => {
  const DEFAULT = message('system', 'Be kind.');
  const withDefault: Template = (messages, adds) =>
    plain(messages[0]?.role === 'system' ? messages : [DEFAULT, ...messages], adds);

  it('is the template’s own where none is given, with its markers', () => {
    expect(found(withDefault, [user])).toEqual({
      contents: [['user', 'Why?']],
      system: '<system>Be kind.</>',
    });
    expect(found(withDefault, [system, user])?.system).toBe('<system>Think.</>');
  });

  it('is none where the template has none', () => {
    expect(found(plain, [user])?.system).toBeNull();
    const refusing: Template = (messages, adds) => {
      if (messages.some(({ role }) => role === 'system')) throw new Error('no system');
      return plain(messages, adds);
    };
    expect(found(refusing, [user])?.system).toBeNull();
    const ignoring: Template = (messages, adds) =>
      plain(
        messages.filter(({ role }) => role !== 'system'),
        adds,
      );
    expect(found(ignoring, [user])?.system).toBeNull();
  });

  it('is its words alone where they stand within the first user’s turn', () => {
    const within: Template = (messages, adds) => {
      const own = messages.find(({ role }) => role === 'system');
      const others = messages.filter((each) => each !== own);
      const first = others[0] && {
        ...others[0],
        content: `${own ? `${own.content}\n` : ''}${others[0].content}`,
      };
      return plain(first ? [first, ...others.slice(1)] : [], adds);
    };
    expect(found(within, [system, user, answer])).toEqual({
      contents: [
        ['system', 'Think.'],
        ['user', 'Why?'],
        ['assistant', 'So.'],
      ],
      system: 'Think.',
    });
  });
});
