/** What the palette does with the window itself, and where it leads for help. */
import { DOCUMENTATION, TROUBLESHOOTING } from '../../../engine/protocol';
import { Theme } from '../../state/app-state';
import type { Studio } from '../../state/studio-context';
import { Density, SettingsPart } from '../../state/window-state';
import { startTour } from '../tour/marks';
import { keyOf, type StudioCommand, when } from './command';

export function windowCommands(studio: Studio): StudioCommand[] {
  const { store } = studio;
  const { letterKeys, showsSpeed, folded } = store.getState();
  const group = 'Window';
  const all = SettingsPart.options;
  return [
    { group, title: 'Show diagnostics', run: () => store.setState({ dialog: 'diagnostics' }) },
    { group, title: 'Show licences and notices', run: () => store.setState({ dialog: 'notices' }) },
    {
      group,
      title: showsSpeed ? 'Hide speed and memory' : 'Show speed and memory',
      ...keyOf(studio, 'speed'),
      run: () => store.setState({ showsSpeed: !showsSpeed }),
    },
    {
      group,
      title: letterKeys ? 'Turn single-letter keys off' : 'Turn single-letter keys on',
      run: () => store.setState({ letterKeys: !letterKeys }),
    },
    ...when(folded.length < all.length, [
      { group, title: 'Fold all explanations away', run: () => store.setState({ folded: all }) },
    ]),
    ...when(folded.length > 0, [
      { group, title: 'Show all explanations', run: () => store.setState({ folded: [] }) },
    ]),
    ...Density.options.map((density) => ({
      group,
      title: `Density: ${density}`,
      run: () => store.setState({ density }),
    })),
    ...Theme.options.map((theme) => ({
      group,
      title: `Theme: ${theme}`,
      run: () => store.setState({ theme }),
    })),
  ];
}

/** Pages open in the user's browser: the window itself goes nowhere. */
export function helpCommands({ store }: Studio): StudioCommand[] {
  const read = (page: string) => () => void window.open(page, '_blank', 'noopener');
  const group = 'Help';
  return [
    { group, title: 'Take the tour', run: () => startTour(store) },
    { group, title: 'Read the documentation', run: read(DOCUMENTATION) },
    { group, title: 'Look up an error by its code', run: read(TROUBLESHOOTING) },
  ];
}
