/** Carries messages over the MessagePort that the preload script hands to this page, straight to the engine process. */
import type { ClientMessage } from '../engine/protocol';
import { type MessageTransport, subscribe } from './engine-client';

export const PORT_MESSAGE = 'slot-studio:engine-port';
export const READY_MESSAGE = 'slot-studio:renderer-ready';

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
    for (const callback of opens) callback();
  }

  function receive(event: MessageEvent): void {
    // Only this page's own preload script speaks here, never a frame or another window.
    if (event.source !== (page as unknown) || event.origin !== page.location.origin) return;
    const data: unknown = event.data;
    if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== PORT_MESSAGE) return;
    const next = event.ports[0];
    if (next) adopt(next);
  }

  const announce = () => page.postMessage({ type: READY_MESSAGE }, page.location.origin);

  page.addEventListener('message', receive);
  announce();
  return {
    send(message: ClientMessage) {
      if (!port) throw new Error('not connected');
      port.postMessage(message);
    },
    onMessage: (callback) => subscribe(messages, callback),
    onOpen: (callback) => subscribe(opens, callback),
    onClose: (callback) => subscribe(closes, callback),
    retry: announce,
    close() {
      page.removeEventListener('message', receive);
      drop();
    },
  };
}
