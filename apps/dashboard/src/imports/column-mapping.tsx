'use client';

import { Select } from '@mantine/core';
import type { ColumnMappingInput } from '../generated/graphql';
import { COLUMN_FIELDS } from './formats';
import classes from './imports.module.css';

type ColumnMappingProps = {
  header: readonly string[];
  rows: readonly (readonly string[])[];
  value: ColumnMappingInput;
  onChange: (value: ColumnMappingInput) => void;
};

/** The first rows of a CSV table; above each column, what it holds. */
export function ColumnMapping({ header, rows, value, onChange }: ColumnMappingProps) {
  const fieldOf = (column: string) => COLUMN_FIELDS.find(([field]) => value[field] === column)?.[0] ?? null;
  const assign = (column: string, field: string | null) => {
    const others = Object.entries(value).filter(([key, name]) => name !== column && key !== field);
    onChange(Object.fromEntries(field ? [...others, [field, column]] : others) as ColumnMappingInput);
  };
  return (
    <>
      <h3 className={classes.tableTitle}>Columns</h3>
      <p className={classes.hint}>What is left open is guessed from the names.</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.table} tabIndex={0} aria-label="First rows of the table">
        <table>
          <thead>
            <tr>
              {header.map((column) => (
                <th key={column} scope="col">
                  {column}
                  <Select
                    aria-label={`What the column “${column}” holds`}
                    size="xs"
                    w={168}
                    mt={4}
                    placeholder="Guessed"
                    data={COLUMN_FIELDS.map(([field, label]) => ({ value: field, label }))}
                    value={fieldOf(column)}
                    onChange={(field) => assign(column, field)}
                    clearable
                  />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own and do not move
              <tr key={place}>
                {header.map((column, at) => (
                  <td key={column}>{row[at] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
