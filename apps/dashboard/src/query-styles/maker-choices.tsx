import { Checkbox, Chip } from '@mantine/core';
import { styleLabel } from '../search/part-look';
import classes from './query-styles.module.css';
import type { ChosenVersion, StyleMaker } from './style-queries';
import { STRENGTHS } from './style-words';

type MakerChoicesProps = {
  makers: readonly StyleMaker[];
  chosen: readonly ChosenVersion[];
  onChoose: (chosen: readonly ChosenVersion[]) => void;
};

const USUAL = 0.5;

/** Makers by style; one that is chosen offers its strengths, of which several can be had. */
export function MakerChoices({ makers, chosen, onChoose }: MakerChoicesProps) {
  const styles = [...new Set(makers.map(({ style }) => style))];
  const strengthsOf = (maker: string) => chosen.filter((one) => one.maker === maker);
  // Kept in the order of the makers, so that the preview's columns do not jump about.
  const choose = (maker: StyleMaker, strengths: readonly (number | null)[]) =>
    onChoose(
      makers.flatMap(({ name }) =>
        name === maker.name
          ? [...strengths].sort((a, b) => (a ?? 0) - (b ?? 0)).map((strength) => ({ maker: name, strength }))
          : strengthsOf(name),
      ),
    );
  return (
    <div className={classes.makers}>
      {styles.map((style) => (
        <fieldset key={style} className={classes.makerGroup}>
          <legend>{styleLabel(style)}</legend>
          {makers
            .filter((maker) => maker.style === style)
            .map((maker) => {
              const strengths = strengthsOf(maker.name).map(({ strength }) => strength);
              return (
                <div key={maker.name} className={classes.maker}>
                  <Checkbox
                    size="xs"
                    label={maker.title}
                    description={aboutMaker(maker)}
                    checked={strengths.length > 0}
                    onChange={({ currentTarget: { checked } }) =>
                      choose(maker, checked ? [maker.hasStrength ? USUAL : null] : [])
                    }
                  />
                  {maker.hasStrength && strengths.length > 0 && (
                    <Chip.Group
                      multiple
                      value={strengths.map(String)}
                      onChange={(values) => choose(maker, values.map(Number))}
                    >
                      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset within one would be read twice */}
                      <div
                        className={classes.strengths}
                        role="group"
                        aria-label={`Strengths of ${maker.title}`}
                      >
                        {STRENGTHS.map(({ value, label }) => (
                          <Chip key={value} size="xs" value={String(value)} variant="outline">
                            {label}
                          </Chip>
                        ))}
                      </div>
                    </Chip.Group>
                  )}
                </div>
              );
            })}
        </fieldset>
      ))}
    </div>
  );
}

/** Undefined where it would only say the title again. */
const aboutMaker = ({ title, description }: StyleMaker) =>
  description.replace(/\.$/, '').toLowerCase() === title.toLowerCase() ? undefined : description;
