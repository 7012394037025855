/** Set before any schema is built: the page's policy forbids compiling code from text, so zod must not try. */
import { config } from 'zod';

config({ jitless: true });
