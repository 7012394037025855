/** Runs in the page before its scripts: notes when each token's message came, and the frame after which it is there. */
const watch = { arrived: [], shown: [] };
window.tokenWatch = watch;

function afterFrame() {
  const count = document.querySelectorAll('[data-testid=lane-text] .token').length;
  // A message posted in a frame's callback is taken after that frame has been painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    while (watch.shown.length < Math.min(count, watch.arrived.length)) watch.shown.push(now);
  };
  port2.postMessage(null);
  requestAnimationFrame(afterFrame);
}
requestAnimationFrame(afterFrame);

window.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    this.addEventListener('message', ({ data }) => {
      if (data.includes('"type":"token"')) watch.arrived.push(performance.now());
    });
  }
};
