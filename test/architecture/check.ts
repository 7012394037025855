/** `npm run check`: fails where an import goes against ARCHITECTURE.md's table, and where code is too long. */
import { checkLengths } from './lengths';
import { checkRooms } from './rooms';

const found = [...checkRooms('.'), ...checkLengths('.')];
for (const line of found) console.error(line);
process.exitCode = found.length > 0 ? 1 : 0;
