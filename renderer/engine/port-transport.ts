/** Carries messages over the MessagePort that the preload script hands to this page, straight to the engine process. */
import type { MessageTransport } from './engine-client';
import { Listeners } from './listeners';

export const PORT_MESSAGE = 'slot-studio:engine-port';
export const READY_MESSAGE = 'slot-studio:renderer-ready';
export const NEWS_MESSAGE = 'slot-studio:engine-news';

interface PageWindow {
  readonly location: { readonly origin: string };
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  postMessage(message: unknown, targetOrigin: string): void;
}

/** A fresh port replaces the one before it: that is what arrives after a restart of the engine. */
export function portTransport(page: PageWindow): MessageTransport {
  return new PortTransport(page);
}

class PortTransport implements MessageTransport {
  readonly #messages = new Listeners<[message: unknown]>();
  readonly #opens = new Listeners<[]>();
  readonly #closes = new Listeners<[reason: string]>();
  readonly #page: PageWindow;
  #port: MessagePort | null = null;
  /** Whether a port has been asked for and not come yet. */
  #asked = false;
  /** Said while there was no port: the next one takes it, behind an engine that is started for it. */
  #waiting: unknown[] = [];

  constructor(page: PageWindow) {
    this.#page = page;
    page.addEventListener('message', this.#receive);
    this.retry();
  }

  readonly onMessage = this.#messages.add;
  readonly onOpen = this.#opens.add;
  readonly onClose = this.#closes.add;

  send(message: unknown): void {
    if (this.#port) {
      this.#port.postMessage(message);
      return;
    }
    this.#waiting.push(message);
    if (!this.#asked) this.retry();
  }

  /** Asks for a port. */
  retry(): void {
    this.#asked = true;
    this.#page.postMessage({ type: READY_MESSAGE }, this.#page.location.origin);
  }

  close(): void {
    this.#page.removeEventListener('message', this.#receive);
    this.#drop();
  }

  readonly #receive = (event: MessageEvent): void => {
    // Only this page's own preload script speaks here, never a frame or another window.
    if (event.source !== (this.#page as unknown) || event.origin !== this.#page.location.origin) return;
    const data: unknown = event.data;
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === NEWS_MESSAGE && 'news' in data) this.#learn(data.news);
    const next = event.ports[0];
    if (data.type === PORT_MESSAGE && next) this.#adopt(next);
  };

  #adopt(next: MessagePort): void {
    const replaced = this.#port !== null;
    this.#drop();
    if (replaced) this.#closes.tell('the engine was restarted');
    this.#port = next;
    this.#asked = false;
    next.onmessage = ({ data }) => this.#messages.tell(data);
    // Fires when the engine's end is gone; older browsers lack it, and the shell's own message then tells.
    next.addEventListener('close', () => {
      if (this.#port !== next) return;
      this.#port = null;
      this.#closes.tell('the engine process is gone');
    });
    next.start();
    for (const message of this.#waiting.splice(0)) next.postMessage(message);
    this.#opens.tell();
  }

  /** From the main process, which outlives the engine. */
  #learn(news: unknown): void {
    const isEnd = typeof news === 'object' && news !== null && 'state' in news && news.state === 'exited';
    if (isEnd) {
      this.#drop();
      this.#asked = false;
      this.#waiting = [];
    }
    this.#messages.tell(news);
  }

  #drop(): void {
    if (!this.#port) return;
    this.#port.onmessage = null;
    this.#port.close();
    this.#port = null;
  }
}
