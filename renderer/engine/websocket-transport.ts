/** Carries messages over a WebSocket to the server that also served this page; reconnects after a drop. */
import { decodeJson, encodeJson } from '../../engine/protocol';
import type { MessageTransport } from './engine-client';
import { Listeners } from './listeners';

const TOKEN_KEY = 'slot-studio:token';
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;

interface PageAddress {
  readonly location: { readonly protocol: string; readonly host: string };
  readonly document: {
    querySelector(selector: string): { readonly content?: string; remove(): void } | null;
  };
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem'>;
}

/** The socket's address. The token moves from the page into this tab's storage, where it outlives a reload. */
export function engineAddress(page: PageAddress): string {
  const meta = page.document.querySelector('meta[name="slot-studio-token"]');
  meta?.remove();
  const given = meta?.content;
  if (given !== undefined) page.sessionStorage.setItem(TOKEN_KEY, given);
  const token = given ?? page.sessionStorage.getItem(TOKEN_KEY) ?? '';
  const scheme = page.location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${page.location.host}/engine?token=${encodeURIComponent(token)}`;
}

type Socket = Pick<WebSocket, 'send' | 'close' | 'readyState' | 'onopen' | 'onmessage' | 'onclose'>;

const OPEN = 1;

export function webSocketTransport(
  address: string,
  connect: (address: string) => Socket = (to) => new WebSocket(to),
): MessageTransport {
  const messages = new Listeners<[message: unknown]>();
  const opens = new Listeners<[]>();
  const closes = new Listeners<[reason: string]>();
  let socket: Socket | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let delay = FIRST_DELAY_MS;
  let finished = false;

  function open(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const mine = connect(address);
    socket = mine;
    mine.onopen = () => {
      delay = FIRST_DELAY_MS;
      opens.tell();
    };
    mine.onmessage = ({ data }) => messages.tell(parse(data));
    mine.onclose = ({ reason }) => {
      if (socket !== mine || finished) return;
      socket = null;
      timer = setTimeout(open, delay);
      delay = Math.min(delay * 2, MAX_DELAY_MS);
      closes.tell(reason);
    };
  }

  open();
  return {
    send(message) {
      if (socket?.readyState !== OPEN) throw new Error('not connected');
      socket.send(encodeJson(message));
    },
    onMessage: messages.add,
    onOpen: opens.add,
    onClose: closes.add,
    retry() {
      if (!finished && socket === null) open();
    },
    close() {
      finished = true;
      if (timer !== null) clearTimeout(timer);
      socket?.close();
    },
  };
}

/** What is not JSON goes on as it is: the client rejects it together with everything else it does not know. */
function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return decodeJson(data);
  } catch {
    return undefined;
  }
}
