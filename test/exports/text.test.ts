/** Tokenizers and chat templates of every family: the same ids and texts as transformers. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChatTemplate } from '../../engine/model/chat-template';
import { readModelFolder } from '../../engine/model/folder';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';
import { fixtures, TODAY } from './traces';

beforeAll(() => {
  vi.useFakeTimers({ now: TODAY, toFake: ['Date'] });
});
afterAll(() => {
  vi.useRealTimers();
});

describe.each(fixtures())('$name', ({ folder, trace }) => {
  const model = readModelFolder(folder, null);
  const tokenizer = new Tokenizer(model);
  const template = ChatTemplate.of(model);

  it.each(trace.texts)('encodes $text', ({ text, ids, decoded }) => {
    expect(tokenizer.encode(text, true)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  it('has a template if transformers finds one', () => {
    expect(template !== undefined).toBe(trace.conversations.length > 0);
  });

  for (const [i, { messages, text, ids, error }] of trace.conversations.entries()) {
    if (error === undefined) {
      it(`writes conversation ${i}`, () => {
        const rendered = template!.render(messages);
        expect(rendered).toBe(text);
        expect(tokenizer.encode(rendered, false)).toEqual(ids);
      });
    } else {
      it(`refuses conversation ${i}: ${error}`, () => {
        expect(() => template!.render(messages)).toThrow(error);
      });
    }
  }
});
