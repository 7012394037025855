/** `npm run check`: fails where an import goes against ARCHITECTURE.md's table. */
import { checkRooms } from './rooms';

const found = checkRooms('.');
for (const line of found) console.error(line);
process.exitCode = found.length > 0 ? 1 : 0;
