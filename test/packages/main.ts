/**
 * `tsx test/packages/main.ts EXECUTABLE SCREENSHOT [-- ARGUMENT…]`: starts an app that was packaged, runs one prompt in
 * its window, keeps a picture of it, and prints what its diagnostics say.
 */
import { runFirstPrompt } from './first-prompt';

const [executable, screenshot, ...args] = process.argv.slice(2).filter((argument) => argument !== '--');
if (!executable || !screenshot) {
  console.error('usage: tsx test/packages/main.ts EXECUTABLE SCREENSHOT [-- ARGUMENT…]');
  process.exit(2);
}
const { facts, answers } = await runFirstPrompt({ executable, screenshot, args });
console.log(`${answers}\n\n${facts}`);
