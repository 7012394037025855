/** `datetime.strftime` in the C locale, in this machine's time zone. */
import { Unsupported } from './errors';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

const two = (value: number) => String(value).padStart(2, '0');
const spaced = (value: number) => String(value).padStart(2, ' ');
const name = (list: readonly string[], at: number) => list[at] ?? '';
const hour12 = (date: Date) => date.getHours() % 12 || 12;

type Write = (date: Date) => string;
const DIRECTIVES: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['a', (date) => name(DAYS, date.getDay()).slice(0, 3)],
  ['A', (date) => name(DAYS, date.getDay())],
  ['b', (date) => name(MONTHS, date.getMonth()).slice(0, 3)],
  ['h', (date) => name(MONTHS, date.getMonth()).slice(0, 3)],
  ['B', (date) => name(MONTHS, date.getMonth())],
  ['c', (date) => strftime(date, '%a %b %e %H:%M:%S %Y')],
  ['C', (date) => two(Math.floor(date.getFullYear() / 100))],
  ['d', (date) => two(date.getDate())],
  ['D', (date) => strftime(date, '%m/%d/%y')],
  ['e', (date) => spaced(date.getDate())],
  ['f', (date) => String(date.getMilliseconds() * 1000).padStart(6, '0')],
  ['F', (date) => strftime(date, '%Y-%m-%d')],
  ['H', (date) => two(date.getHours())],
  ['I', (date) => two(hour12(date))],
  ['j', (date) => String(dayOfYear(date) + 1).padStart(3, '0')],
  ['k', (date) => spaced(date.getHours())],
  ['l', (date) => spaced(hour12(date))],
  ['m', (date) => two(date.getMonth() + 1)],
  ['M', (date) => two(date.getMinutes())],
  ['n', () => '\n'],
  ['p', (date) => (date.getHours() < 12 ? 'AM' : 'PM')],
  ['P', (date) => (date.getHours() < 12 ? 'am' : 'pm')],
  ['r', (date) => strftime(date, '%I:%M:%S %p')],
  ['R', (date) => strftime(date, '%H:%M')],
  ['S', (date) => two(date.getSeconds())],
  ['t', () => '\t'],
  ['T', (date) => strftime(date, '%H:%M:%S')],
  ['u', (date) => String(date.getDay() || 7)],
  ['U', (date) => two(Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7))],
  ['w', (date) => String(date.getDay())],
  ['W', (date) => two(Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7))],
  ['x', (date) => strftime(date, '%m/%d/%y')],
  ['X', (date) => strftime(date, '%H:%M:%S')],
  ['y', (date) => two(date.getFullYear() % 100)],
  ['Y', (date) => String(date.getFullYear())],
  ['z', () => ''],
  ['Z', () => ''],
  ['%', () => '%'],
]);

/** @throws Unsupported naming the directive */
export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%(-?)([\s\S]?)/gu, (all, minus: string, letter: string) => {
    const write = DIRECTIVES.get(letter);
    if (!write || (minus && !'dmHIMSjeklyUW'.includes(letter))) throw new Unsupported(`${all} in a date`);
    const text = write(date);
    return minus ? text.replace(/^[0 ]+(?=.)/, '') : text;
  });
}

/** Counts from 0. */
function dayOfYear(date: Date): number {
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000);
}
