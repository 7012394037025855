/** The rooms of ARCHITECTURE.md and the imports between them: the page's own table is the rule. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { parseSync, Visitor } from 'rolldown/utils';

/** Each room's folder, with the folders (rooms within them included) that it may import. */
export type Rooms = ReadonlyMap<string, readonly string[]>;

export interface Import {
  readonly from: string;
  readonly to: string;
}

const HEADING = '| room | what it is for | may import |';
const NOTHING = 'nothing of ours';

/**
 * Reads the table. A cell names rooms in full, separated by commas; `engine/*` stands for every room below engine.
 * @throws Error where there is no table, or a cell names what is no room
 */
export function readRooms(page: string): Rooms {
  const lines = page.split('\n');
  const start = lines.indexOf(HEADING);
  if (start < 0) throw new Error(`no table headed "${HEADING}"`);
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  const rooms = new Map<string, string[]>();
  for (const line of lines.slice(start + 2, end)) {
    const [, name = '', , allowed = ''] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    rooms.set(name, allowed === NOTHING ? [] : allowed.split(', '));
  }
  for (const [room, allowed] of rooms) {
    for (const name of allowed) {
      if (![...rooms.keys()].some((each) => isWithin(each, name)))
        throw new Error(`${room} may import "${name}", which is no room`);
    }
  }
  return rooms;
}

/** The source files that git knows or would know, without what is generated. */
export function sourceFiles(root: string): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n');
  return files.filter((file) => /(?<!\.d)\.tsx?$/.test(file) && existsSync(join(root, file)));
}

/** What one file imports of the project's own: static, dynamic and type imports, style sheets and workers. */
export function importsOf(file: string, text: string): Import[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const targets: string[] = [];
  const add = (node: unknown) => {
    const value = node && typeof node === 'object' && 'value' in node ? node.value : undefined;
    if (typeof value === 'string' && value.startsWith('.')) targets.push(value);
  };
  new Visitor({
    ImportDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    ImportExpression: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source),
    NewExpression: ({ callee, arguments: [first] }) => {
      if (callee.type === 'Identifier' && callee.name === 'URL') add(first);
    },
  }).visit(program);
  return targets.map((target) => ({ from: file, to: normalize(join(dirname(file), target)) }));
}

/** One line for each import that the rooms forbid, each file without a room, and each circle of rooms. */
export function violations(rooms: Rooms, imports: readonly Import[], files: readonly string[]): string[] {
  const homeless = files.filter((file) => file.includes('/') && !roomOf(rooms, file));
  const found = homeless.map((file) => `${file} lies in no room of ARCHITECTURE.md`);
  for (const { from, to } of imports) {
    const [room, target] = [roomOf(rooms, from), roomOf(rooms, to)];
    if (room === undefined || target === undefined || room === target) continue;
    const allowed = rooms.get(room)!;
    if (!allowed.some((name) => isWithin(target, name)))
      found.push(`${from} imports ${to}: ${room} may import ${allowed.join(', ') || NOTHING}`);
  }
  return [...found, ...circles(rooms)];
}

/** Rooms that may import each other, if only by way of others. */
function circles(rooms: Rooms): string[] {
  const open = new Map(rooms);
  for (;;) {
    const free = [...open].filter(([room, allowed]) => !others(open, room, allowed));
    if (free.length === 0) break;
    for (const [room] of free) open.delete(room);
  }
  return [...open.keys()].map((room) => `${room} stands in a circle of rooms, or above one`);
}

function others(open: Rooms, room: string, allowed: readonly string[]): boolean {
  return [...open.keys()].some((each) => each !== room && allowed.some((name) => isWithin(each, name)));
}

function roomOf(rooms: Rooms, file: string): string | undefined {
  const within = [...rooms.keys()].filter((room) => file === room || file.startsWith(`${room}/`));
  return within.sort((a, b) => b.length - a.length)[0];
}

function isWithin(room: string, name: string): boolean {
  return room === name || room.startsWith(`${name.replace(/\/\*$/, '')}/`);
}

/** Reads the checkout at `root` and returns its violations. */
export function checkRooms(root: string): string[] {
  const files = sourceFiles(root);
  const imports = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
  return violations(readRooms(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')), imports, files);
}
