/** The two transports: whom they listen to, what they do with secrets, how they come back. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Request } from '../../../engine/protocol';
import {
  NEWS_MESSAGE,
  PORT_MESSAGE,
  portTransport,
  READY_MESSAGE,
} from '../../../renderer/engine/port-transport';
import { engineAddress, webSocketTransport } from '../../../renderer/engine/websocket-transport';

const REQUEST: Request = { kind: 'request', id: 1, method: 'run.cancel', params: { runId: 'a' } };

function page(token: string | null, stored: Record<string, string> = {}) {
  const meta = token === null ? null : { content: token, remove: vi.fn() };
  return {
    stored,
    meta,
    location: { protocol: 'http:', host: '127.0.0.1:8000' },
    document: {
      querySelector: (selector: string) => (selector === 'meta[name="slot-studio-token"]' ? meta : null),
    },
    sessionStorage: {
      getItem: (key: string) => stored[key] ?? null,
      setItem: (key: string, value: string) => {
        stored[key] = value;
      },
    },
  };
}

describe('the address of the engine', () => {
  it('takes the token out of the page and remembers it for this tab', () => {
    const first = page('s+cret');
    expect(engineAddress(first)).toBe('ws://127.0.0.1:8000/engine?token=s%2Bcret');
    expect(first.meta?.remove).toHaveBeenCalledOnce();
    expect(engineAddress(page(null, first.stored))).toBe('ws://127.0.0.1:8000/engine?token=s%2Bcret');
    // Another start of the server has another token.
    expect(engineAddress(page('new', first.stored))).toBe('ws://127.0.0.1:8000/engine?token=new');
  });
});

describe('the WebSocket transport', () => {
  class FakeSocket {
    readyState = 0;
    readonly sent: string[] = [];
    onopen: WebSocket['onopen'] = null;
    onmessage: WebSocket['onmessage'] = null;
    onclose: WebSocket['onclose'] = null;
    constructor(readonly address: string) {
      sockets.push(this);
    }
    send(text: string) {
      this.sent.push(text);
    }
    close() {
      this.readyState = 3;
    }
    open() {
      this.readyState = 1;
      this.onopen?.call(this as never, new Event('open'));
    }
    drop() {
      this.readyState = 3;
      this.onclose?.call(this as never, Object.assign(new Event('close'), { reason: 'gone' }) as CloseEvent);
    }
    receive(data: unknown) {
      this.onmessage?.call(this as never, new MessageEvent('message', { data }));
    }
  }
  let sockets: FakeSocket[] = [];

  beforeEach(() => {
    sockets = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = () => webSocketTransport('ws://host/engine', (address) => new FakeSocket(address) as never);

  it('sends JSON once open and refuses before', () => {
    const transport = start();
    expect(() => transport.send(REQUEST)).toThrow();
    sockets[0]?.open();
    transport.send(REQUEST);
    expect(sockets[0]?.sent).toEqual([JSON.stringify(REQUEST)]);
  });

  it('passes on what is JSON, and nothing for what is not', () => {
    const messages: unknown[] = [];
    start().onMessage((message) => messages.push(message));
    sockets[0]?.receive('{"a":1}');
    sockets[0]?.receive('{"a":');
    sockets[0]?.receive(new ArrayBuffer(4));
    expect(messages).toEqual([{ a: 1 }, undefined, undefined]);
  });

  it('comes back after a drop, later each time, and stops when closed', () => {
    const transport = start();
    const reasons: string[] = [];
    transport.onClose((reason) => reasons.push(reason));
    sockets[0]?.drop();
    expect(reasons).toEqual(['gone']);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    sockets[1]?.drop();
    vi.advanceTimersByTime(999);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(3);
    sockets[2]?.drop();
    transport.retry();
    expect(sockets).toHaveLength(4);
    transport.close();
    sockets[3]?.drop();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(4);
  });
});

describe('the port transport', () => {
  const ORIGIN = 'slot-studio://app';

  function start() {
    const listeners = new Set<(event: MessageEvent) => void>();
    const posted: unknown[] = [];
    const window = {
      location: { origin: ORIGIN },
      addEventListener: (_type: 'message', listener: (event: MessageEvent) => void) =>
        listeners.add(listener),
      removeEventListener: (_type: 'message', listener: (event: MessageEvent) => void) =>
        listeners.delete(listener),
      postMessage: (message: unknown, target: string) => posted.push({ message, target }),
    };
    const transport = portTransport(window as never);
    const opens = vi.fn();
    transport.onOpen(opens);
    const offer = (event: {
      data?: unknown;
      source?: unknown;
      origin?: string;
      ports: readonly MessagePort[];
    }) => {
      for (const listener of listeners) {
        listener({ data: { type: PORT_MESSAGE }, source: window, origin: ORIGIN, ...event } as never);
      }
    };
    return { transport, offer, opens, posted, listeners };
  }

  it('says that it is ready, to its own origin only', () => {
    expect(start().posted).toEqual([{ message: { type: READY_MESSAGE }, target: ORIGIN }]);
  });

  it('talks over the port that the page itself is handed', async () => {
    const { transport, offer, opens } = start();
    const { port1, port2 } = new MessageChannel();
    const messages: unknown[] = [];
    transport.onMessage((message) => messages.push(message));
    offer({ ports: [port1] });
    expect(opens).toHaveBeenCalledOnce();
    const received = new Promise((resolve) => {
      port2.onmessage = ({ data }) => resolve(data);
    });
    transport.send(REQUEST);
    await expect(received).resolves.toEqual(REQUEST);
    port2.postMessage({ kind: 'engine' });
    await vi.waitFor(() => expect(messages).toEqual([{ kind: 'engine' }]));
    transport.close();
    port2.close();
  });

  it('takes no port from frames, other origins, or under another name', () => {
    const { transport, offer, opens } = start();
    const messages: unknown[] = [];
    transport.onMessage((message) => messages.push(message));
    const { port1, port2 } = new MessageChannel();
    offer({ ports: [port1], source: {} });
    offer({ ports: [port1], source: null });
    offer({ ports: [port1], origin: 'https://example.org' });
    offer({ ports: [port1], data: { type: 'slot-studio:engine-port2' } });
    offer({ ports: [port1], data: PORT_MESSAGE });
    offer({ ports: [port1], data: null });
    offer({ ports: [] });
    offer({ ports: [], data: { type: NEWS_MESSAGE, news: { kind: 'engine' } }, source: {} });
    expect(opens).not.toHaveBeenCalled();
    expect(messages).toEqual([]);
    transport.close();
    port1.close();
    port2.close();
  });

  it('tells when the engine is gone, and takes the port of its successor', async () => {
    const { transport, offer, opens, posted } = start();
    const reasons: string[] = [];
    transport.onClose((reason) => reasons.push(reason));
    const first = new MessageChannel();
    offer({ ports: [first.port1] });
    first.port2.close();
    await vi.waitFor(() => expect(reasons).toHaveLength(1));
    // Asks once for an engine, which what was said waits for.
    transport.send(REQUEST);
    transport.send({ ...REQUEST, id: 2 });
    expect(posted).toHaveLength(2);
    const second = new MessageChannel();
    const received: unknown[] = [];
    second.port2.onmessage = ({ data }) => received.push(data);
    offer({ ports: [second.port1] });
    expect(opens).toHaveBeenCalledTimes(2);
    await vi.waitFor(() => expect(received).toEqual([REQUEST, { ...REQUEST, id: 2 }]));
    transport.close();
    second.port2.close();
  });

  it('passes on what the shell knows of the engine, and drops a port whose engine has ended', async () => {
    const { transport, offer, posted } = start();
    const messages: unknown[] = [];
    const reasons: string[] = [];
    transport.onMessage((message) => messages.push(message));
    transport.onClose((reason) => reasons.push(reason));
    const first = new MessageChannel();
    offer({ ports: [first.port1] });
    const silent = { kind: 'engine', state: 'silent', forMs: 4000 };
    const exited = { kind: 'engine', state: 'exited', detail: 'killed' };
    for (const news of [silent, exited]) offer({ ports: [], data: { type: NEWS_MESSAGE, news } });
    expect(messages).toEqual([silent, exited]);
    transport.send(REQUEST);
    // No engine came up for it: its sender has been told by the same news.
    offer({ ports: [], data: { type: NEWS_MESSAGE, news: exited } });
    transport.send({ ...REQUEST, id: 3 });
    expect(posted).toHaveLength(3);
    const second = new MessageChannel();
    const received: unknown[] = [];
    second.port2.onmessage = ({ data }) => received.push(data);
    offer({ ports: [second.port1] });
    await vi.waitFor(() => expect(received).toEqual([{ ...REQUEST, id: 3 }]));
    expect(reasons).toEqual([]);
    transport.close();
    second.port2.close();
  });
});
