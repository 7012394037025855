/** Where the pages of docs are read; the app opens them in the user's browser, and nothing of them in its window. */
const PAGES = 'https://github.com/slot-studio/slot-studio/blob/main/docs';

export const DOCUMENTATION = `${PAGES}/README.md`;
/** Every error by its code. */
export const TROUBLESHOOTING = `${PAGES}/troubleshooting.md`;
