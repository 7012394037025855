/** How long a function and a file may be: what is longer does more than one thing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { parseSync, Visitor } from 'rolldown/utils';
import { sourceFiles } from './rooms';

const MAX_FUNCTION_LINES = 60;
const MAX_FILE_LINES = 250;

const FOLDERS = /^(?:engine|electron|renderer)\//;

/** One line for each function or file that is too long. */
export function tooLong(file: string, text: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const found: string[] = [];
  const check = ({ start, end }: { readonly start: number; readonly end: number }) => {
    const first = lineOf(start);
    const lines = lineOf(end) - first + 1;
    if (lines > MAX_FUNCTION_LINES)
      found.push(`${file}:${first} is a function of ${lines} lines, more than ${MAX_FUNCTION_LINES}`);
  };
  new Visitor({
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
  }).visit(program);
  const lines = text.replace(/\n$/, '').split('\n').length;
  if (lines > MAX_FILE_LINES)
    found.push(`${file}:1 is a file of ${lines} lines, more than ${MAX_FILE_LINES}`);
  return found;
}

/** Reads the checkout at `root` and returns what of the product is too long. */
export function checkLengths(root: string): string[] {
  const files = sourceFiles(root).filter((file) => FOLDERS.test(file));
  const found = files.flatMap((file) => tooLong(file, readFileSync(join(root, file), 'utf8')));
  return found;
}
