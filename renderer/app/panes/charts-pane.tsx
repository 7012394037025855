/** The right pane: how delta was found, what it does to the vocabulary, one token, and many samples. */
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import { UnscaledNote } from '../../charts/unscaled-note';
import { OptimisationPanel } from '../../optimisation/optimisation-panel';
import { SamplesPanel } from '../../samples/samples-panel';
import { useAppState, useStudio } from '../../state/studio-context';
import { ChartsTab } from '../../state/vocabulary-state';
import { TokenPanel } from '../../token/token-panel';
import { VocabularyPanel } from '../../vocabulary/vocabulary-panel';
import '../../charts/charts.css';

const PANELS: Readonly<Record<ChartsTab, { readonly title: string; readonly panel: () => ReactNode }>> = {
  optimisation: { title: 'Optimisation', panel: () => <OptimisationPanel /> },
  vocabulary: { title: 'Vocabulary', panel: () => <VocabularyPanel /> },
  token: { title: 'Token', panel: () => <TokenPanel /> },
  samples: { title: 'Samples', panel: () => <SamplesPanel /> },
};

export function ChartsPane() {
  const { store } = useStudio();
  const tab = useAppState((state) => state.chartsTab);
  return (
    <Tabs.Root
      asChild
      value={tab}
      onValueChange={(next) => store.setState({ chartsTab: ChartsTab.parse(next) })}
    >
      <section className="charts-pane" aria-label="Charts" data-mark="charts">
        <Tabs.List className="tabs" aria-label="Charts">
          {ChartsTab.options.map((each) => (
            <Tabs.Trigger key={each} value={each} className="tabs__tab" data-testid={`tab-${each}`}>
              {PANELS[each].title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {ChartsTab.options.map((each) => (
          <Tabs.Content key={each} value={each} className="charts-pane__panel pane">
            {each !== 'vocabulary' && <UnscaledNote />}
            {PANELS[each].panel()}
          </Tabs.Content>
        ))}
      </section>
    </Tabs.Root>
  );
}
