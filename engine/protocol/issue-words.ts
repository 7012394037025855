/** What zod finds wrong, in words that follow a key's name: `hidden_size: it is missing`. Other issues keep zod's own. */
import { z } from 'zod';

const WANTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

z.config({
  customError: (issue) => {
    if (issue.code === 'invalid_type') {
      const wanted = WANTED[issue.expected] ?? issue.expected;
      if (issue.input === undefined) return 'it is missing';
      return Number.isNaN(issue.input) ? `it is not ${wanted}` : `it is ${found(issue.input)}, not ${wanted}`;
    }
    const isEmpty = issue.code === 'too_small' && issue.origin === 'string' && issue.input === '';
    return isEmpty ? 'it is empty' : undefined;
  },
});

function found(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) ? 'a list' : 'an object';
}
