'use client';

import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconBrandGraphql, IconCode, IconLink, IconShare2 } from '@tabler/icons-react';
import type { SearchQueryInput } from '../generated/graphql';
import { asCode, asGraphql } from './query-code';

type CopyMenuProps = { input: SearchQueryInput | null; datasets: readonly string[] };

const ICON = { size: 16, stroke: 1.6 } as const;

/** Takes the search elsewhere: as a link for a colleague, as GraphQL for a tool, as code for an app. */
export function CopyMenu({ input, datasets }: CopyMenuProps) {
  const clipboard = useClipboard();
  const copy = (what: string, text: string) => {
    clipboard.copy(text);
    notifications.show({ message: `${what} copied`, autoClose: 2000, withCloseButton: false });
  };
  return (
    <Menu position="bottom-end" width={210} disabled={!input}>
      <Menu.Target>
        <Tooltip label="Share">
          <ActionIcon variant="default" size={36} aria-label="Share this search" disabled={!input}>
            <IconShare2 size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      {input && (
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink {...ICON} />} onClick={() => copy('Link', window.location.href)}>
            Copy link
          </Menu.Item>
          <Menu.Item
            leftSection={<IconBrandGraphql {...ICON} />}
            onClick={() => copy('GraphQL', asGraphql(input, datasets))}
          >
            Copy as GraphQL
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCode {...ICON} />}
            onClick={() => copy('Code', asCode(input, datasets, window.location.origin))}
          >
            Copy as code
          </Menu.Item>
        </Menu.Dropdown>
      )}
    </Menu>
  );
}
