/** Names that the main process, the preload script and the page share; no imports, so that the preload stays small. */

/** The page's own scheme: it has an origin and a policy, which file:// has not. */
export const SCHEME = 'app';
export const HOST = 'slot-studio';
export const PAGE_URL = `${SCHEME}://${HOST}/`;

/** Carries a MessagePort to the engine, from the main process to the preload script. */
export const PORT_CHANNEL = 'engine.port';

/** Carries what the main process knows of the engine's life, along the same way. */
export const NEWS_CHANNEL = 'engine.news';

/** Says that there is something for the page to do, which it then takes. */
export const ORDERS_CHANNEL = 'orders.waiting';

/** What the page and the preload script post to each other on the page's window. */
export const READY_MESSAGE = 'slot-studio:renderer-ready';
export const PORT_MESSAGE = 'slot-studio:engine-port';
export const NEWS_MESSAGE = 'slot-studio:engine-news';
export const ORDERS_MESSAGE = 'slot-studio:orders-waiting';
