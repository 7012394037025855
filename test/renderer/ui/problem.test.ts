/** An error in the window can be looked up by its code. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Problem } from '../../../renderer/ui/parts/problem';

const textOf = (markup: string) => markup.replaceAll(/<[^>]*>/g, '');

it('says what is wrong, what to do, and the code that it is listed under', () => {
  const failure = { message: 'the folder is not there', hint: 'Give its full path.', code: 'no-folder' };
  const markup = renderToStaticMarkup(createElement(Problem, failure));
  expect(textOf(markup)).toBe('!The folder is not there. Give its full path. no-folder');
});
