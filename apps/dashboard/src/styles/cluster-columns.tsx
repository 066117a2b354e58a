import { Button, Checkbox, ColorInput, Menu, Modal, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { FocusableActionIcon } from '../ui/focusable-button';
import { formatCount, formatPlural, formatShare } from '../ui/format';
import { PictureTile } from './picture-tile';
import type { StyleCluster, StylePicture } from './style-queries';
import classes from './styles.module.css';
import type { StyleEdits } from './use-style-edits';

export const DRAGGED = 'application/x-style-pictures';
const SWATCHES = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#8a7d00',
  '#7b61c9',
  '#b3425a',
];

type ClusterColumnsProps = {
  clusters: readonly StyleCluster[];
  inNoCluster: readonly StylePicture[];
  total: number;
  chosen: readonly number[];
  canEdit: boolean;
  edits: StyleEdits;
  onToggle: (index: number) => void;
  onChooseCluster: (place: number) => void;
};

/** One column for each cluster: its pictures first, its numbers second. Pictures are dragged from one to another. */
export function ClusterColumns(props: ClusterColumnsProps) {
  const { clusters, inNoCluster, chosen, canEdit, edits } = props;
  const [marked, setMarked] = useState<readonly string[]>([]);
  const together = clusters.filter(({ key }) => marked.includes(key));
  const merge = () => {
    const [first] = together;
    if (first === undefined) return;
    const largest = together.reduce((best, one) => (one.count > best.count ? one : best), first);
    edits.edit([{ kind: 'MERGE', clusters: together.map(({ key }) => key), name: largest.name }]);
    setMarked([]);
  };
  return (
    <section aria-label="Clusters" className={classes.section}>
      <div className={classes.columnsHead}>
        <h2 className={classes.heading}>Clusters</h2>
        {canEdit && (
          <Button size="xs" variant="default" disabled={together.length < 2 || edits.isBusy} onClick={merge}>
            Merge {together.length > 0 ? together.length : ''} marked
          </Button>
        )}
      </div>
      <div className={classes.columns}>
        {clusters.map((cluster, place) => (
          <ClusterColumn
            key={cluster.key}
            {...props}
            cluster={cluster}
            isMarked={marked.includes(cluster.key)}
            onMark={(on) =>
              setMarked((now) => (on ? [...now, cluster.key] : now.filter((key) => key !== cluster.key)))
            }
            onChoose={() => props.onChooseCluster(place)}
          />
        ))}
        {inNoCluster.length > 0 && (
          <article className={classes.column} aria-label="In no cluster">
            <h3 className={classes.columnName}>In no cluster</h3>
            <Tiles pictures={inNoCluster} chosen={chosen} canEdit={canEdit} onToggle={props.onToggle} />
          </article>
        )}
      </div>
    </section>
  );
}

type ColumnProps = ClusterColumnsProps & {
  cluster: StyleCluster;
  isMarked: boolean;
  onMark: (on: boolean) => void;
  onChoose: () => void;
};

function ClusterColumn({
  cluster,
  total,
  chosen,
  canEdit,
  edits,
  isMarked,
  onMark,
  onToggle,
  onChoose,
}: ColumnProps) {
  const [over, setOver] = useState(false);
  const [naming, setNaming] = useState(false);
  const { key, name, colour, count, outside, styles, exemplars, outliers } = cluster;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const rows = JSON.parse(event.dataTransfer.getData(DRAGGED) || '[]') as number[];
    if (rows.length > 0) edits.edit([{ kind: 'MOVE', pictures: rows, cluster: key }]);
  };
  return (
    <article
      className={classes.column}
      aria-label={name}
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!canEdit || !event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <header className={classes.columnHead}>
        <span className={classes.swatch} style={{ background: colour }} aria-hidden />
        <h3 className={classes.columnName}>{name}</h3>
        {canEdit && (
          <>
            <Checkbox
              size="xs"
              checked={isMarked}
              onChange={({ currentTarget }) => onMark(currentTarget.checked)}
              aria-label={`Mark ${name} to merge`}
            />
            <Menu position="bottom-end" withinPortal>
              <Menu.Target>
                <FocusableActionIcon variant="subtle" color="gray" size={26} aria-label={`Edit ${name}`}>
                  <IconDots size={16} stroke={1.6} />
                </FocusableActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setNaming(true)}>Name and colour…</Menu.Item>
                {[2, 3, 4].map((into) => (
                  <Menu.Item
                    key={into}
                    disabled={count < into || edits.isBusy}
                    onClick={() => edits.edit([{ kind: 'SPLIT', cluster: key, into }])}
                  >
                    Split into {into}
                  </Menu.Item>
                ))}
                <Menu.Item onClick={onChoose}>Choose its pictures</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        )}
      </header>
      <p className={classes.dim}>
        {formatPlural(count, 'picture')} · {formatShare(total > 0 ? count / total : 0)}
        {outside > 0 && ` · ${formatCount(outside)} outside`}
      </p>
      <Tiles pictures={exemplars} chosen={chosen} canEdit={canEdit} onToggle={onToggle} />
      <StyleMix styles={styles} count={count} />
      <details className={classes.outliers}>
        <summary>Outliers</summary>
        <Tiles pictures={outliers} chosen={chosen} canEdit={canEdit} onToggle={onToggle} />
      </details>
      {naming && <NameDialog cluster={cluster} edits={edits} onClose={() => setNaming(false)} />}
    </article>
  );
}

type TilesProps = {
  pictures: readonly StylePicture[];
  chosen: readonly number[];
  canEdit: boolean;
  onToggle: (index: number) => void;
};

function Tiles({ pictures, chosen, canEdit, onToggle }: TilesProps) {
  return (
    <div className={classes.tiles}>
      {pictures.map((picture) => (
        <PictureTile
          key={picture.index}
          picture={picture}
          isChosen={chosen.includes(picture.index)}
          onToggle={onToggle}
          onDrag={
            canEdit
              ? (index, transfer) => {
                  // A chosen picture brings all that are chosen with it.
                  const rows = chosen.includes(index) ? chosen.slice(0, 5000) : [index];
                  transfer.setData(DRAGGED, JSON.stringify(rows));
                  transfer.effectAllowed = 'move';
                }
              : undefined
          }
        />
      ))}
    </div>
  );
}

function StyleMix({ styles, count }: { styles: StyleCluster['styles']; count: number }) {
  return (
    <ul className={classes.mix} aria-label="Styles in it, as the dataset tells them">
      {styles.slice(0, 4).map(({ style, count: own }) => (
        <li key={style}>
          <span>{style}</span>
          <span className={classes.mixBar} aria-hidden>
            <span style={{ width: `${(100 * own) / Math.max(1, count)}%` }} />
          </span>
          <span className={classes.dim}>{formatCount(own)}</span>
        </li>
      ))}
    </ul>
  );
}

type NameDialogProps = { cluster: StyleCluster; edits: StyleEdits; onClose: () => void };

function NameDialog({ cluster, edits, onClose }: NameDialogProps) {
  const [name, setName] = useState(cluster.name);
  const [colour, setColour] = useState(cluster.colour);
  const apply = () => {
    const changes = [
      ...(name.trim() !== cluster.name
        ? [{ kind: 'RENAME' as const, cluster: cluster.key, name: name.trim() }]
        : []),
      ...(colour !== cluster.colour
        ? [{ kind: 'RECOLOUR' as const, cluster: cluster.key, colour: colour.toLowerCase() }]
        : []),
    ];
    if (changes.length > 0) edits.edit(changes);
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Edit ${cluster.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      size="sm"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <TextInput
          label="Name"
          value={name}
          maxLength={60}
          required
          data-autofocus
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <ColorInput
          mt="sm"
          label="Colour"
          format="hex"
          swatches={SWATCHES}
          value={colour}
          onChange={setColour}
          popoverProps={{ withinPortal: true }}
        />
        <Button mt="md" type="submit" disabled={name.trim() === ''}>
          Apply
        </Button>
      </form>
    </Modal>
  );
}
