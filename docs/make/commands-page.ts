/** docs/commands.md: what `--help` says of every command. */
import type { Command } from 'commander';
import { createProgram } from '../../engine/cli/program';

const WIDTH = 110;

const HEAD = `# The command line

Made from the commands' own \`--help\` by \`npm run docs\`. From a checkout, \`npm run -s cli --\` stands where
\`slot-studio\` stands here:

\`\`\`sh
npm run -s cli -- run --prompt "Tom has 3 apples and buys 5 more. How many apples does he have?"
\`\`\`

Output for people goes to stdout, progress and errors to stderr. An error is one line,
\`error: what is wrong. What to do. [code]\`; [troubleshooting](troubleshooting.md) lists the codes. With \`--json\`
stdout holds one JSON object a line and nothing else.
`;

export function commandsPage(): string {
  const commands = leaves(createProgram(), []);
  const contents = commands.map(({ name }) => `- [\`${name}\`](#${name.replaceAll(' ', '-')})`);
  const sections = commands.map(
    ({ name, command }) => `## ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  );
  return [HEAD, `${contents.join('\n')}\n`, ...sections].join('\n');
}

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

/** A group of commands stands before those that are in it, for what it says of all. */
function leaves(parent: Command, path: readonly string[]): Leaf[] {
  return parent.commands.flatMap((command) => {
    const own = [...path, command.name()];
    return [{ name: own.join(' '), command }, ...leaves(command, own)];
  });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}
