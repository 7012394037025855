/** Adds folders to the list of models, as one of several processes: data folder, first number, how many. */
import { Remembered } from '../../engine/hub/remembered';

const [data = '', first, count] = process.argv.slice(2);
process.once('message', () => {
  const remembered = new Remembered(data);
  for (let i = Number(first); i < Number(first) + Number(count); i++) remembered.addFolder(`/models/${i}`);
  process.disconnect();
});
process.send?.('ready');
