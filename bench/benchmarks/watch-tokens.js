/**
 * Runs in the page before its scripts: notes when each token's message came, and the frame with which it is there.
 * It asks for no frame of its own: what the browser does for one would count as the window's work.
 */
const watch = {
  arrived: [],
  shown: [],
  /** Resolves when so many are there: to ask again and again would cost the page too. */
  until: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
};
const waiting = [];
window.tokenWatch = watch;

new MutationObserver((records) => {
  const added = records
    .flatMap(({ addedNodes }) => [...addedNodes])
    .filter((node) => node instanceof Element);
  const tokens = added.flatMap((node) =>
    node.matches('[data-index]') ? [node] : [...node.querySelectorAll('[data-index]')],
  );
  if (tokens.length === 0) return;
  const count = Math.max(...tokens.map(({ dataset }) => Number(dataset.index) + 1));
  // Drawn in a frame's callback: a message that is posted in one is taken after that frame has been painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    while (watch.shown.length < Math.min(count, watch.arrived.length)) watch.shown.push(now);
    for (const { count: wanted, resolve } of waiting) if (watch.shown.length >= wanted) resolve();
  };
  port2.postMessage(null);
}).observe(document, { childList: true, subtree: true });

window.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    this.addEventListener('message', ({ data }) => {
      if (data.includes('"type":"token"')) watch.arrived.push(performance.now());
    });
  }
};
