/** Carries messages over the MessagePort that the preload script hands to this page, straight to the engine process. */
import { type MessageTransport, subscribe } from './engine-client';

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
  const messages = new Set<(message: unknown) => void>();
  const opens = new Set<() => void>();
  const closes = new Set<(reason: string) => void>();
  let port: MessagePort | null = null;
  /** Whether a port has been asked for and not come yet. */
  let asked = false;
  /** Said while there was no port: the next one takes it, behind an engine that is started for it. */
  let waiting: unknown[] = [];

  function ask(): void {
    asked = true;
    page.postMessage({ type: READY_MESSAGE }, page.location.origin);
  }

  function drop(): void {
    if (!port) return;
    port.onmessage = null;
    port.close();
    port = null;
  }

  function adopt(next: MessagePort): void {
    const replaced = port !== null;
    drop();
    if (replaced) for (const callback of closes) callback('the engine was restarted');
    port = next;
    asked = false;
    next.onmessage = ({ data }) => {
      for (const callback of messages) callback(data);
    };
    // Fires when the engine's end is gone; older browsers lack it, and the shell's own message then tells.
    next.addEventListener('close', () => {
      if (port !== next) return;
      port = null;
      for (const callback of closes) callback('the engine process is gone');
    });
    next.start();
    for (const message of waiting.splice(0)) next.postMessage(message);
    for (const callback of opens) callback();
  }

  /** From the main process, which outlives the engine. */
  function learn(news: unknown): void {
    const isEnd = typeof news === 'object' && news !== null && 'state' in news && news.state === 'exited';
    if (isEnd) {
      drop();
      asked = false;
      waiting = [];
    }
    for (const callback of messages) callback(news);
  }

  function receive(event: MessageEvent): void {
    // Only this page's own preload script speaks here, never a frame or another window.
    if (event.source !== (page as unknown) || event.origin !== page.location.origin) return;
    const data: unknown = event.data;
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === NEWS_MESSAGE && 'news' in data) learn(data.news);
    const next = event.ports[0];
    if (data.type === PORT_MESSAGE && next) adopt(next);
  }

  page.addEventListener('message', receive);
  ask();
  return {
    send(message) {
      if (port) return port.postMessage(message);
      waiting.push(message);
      if (!asked) ask();
    },
    onMessage: (callback) => subscribe(messages, callback),
    onOpen: (callback) => subscribe(opens, callback),
    onClose: (callback) => subscribe(closes, callback),
    retry: ask,
    close() {
      page.removeEventListener('message', receive);
      drop();
    },
  };
}
