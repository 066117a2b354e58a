'use client';

import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBrandGraphql, IconCode, IconLink, IconShare2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SearchQueryInput } from '../generated/graphql';
import { sessionQuery } from '../session/session-query';
import { copyText } from '../ui/copy-text';
import { asCode, asGraphql } from './query-code';

type CopyMenuProps = { input: SearchQueryInput | null; datasets: readonly string[] };

const ICON = { size: 16, stroke: 1.6 } as const;

/** Takes the search elsewhere: as a link for a colleague, as GraphQL for a tool, as code for an app. */
export function CopyMenu({ input, datasets }: CopyMenuProps) {
  const [isOpen, setOpen] = useState(false);
  // Who had to sign in here will have to send the token from a program too.
  const needsToken = useQuery(sessionQuery()).data?.canSignOut ?? false;
  const copy = async (what: string, text: string) => {
    const copied = await copyText(text);
    notifications.show({
      message: copied ? `${what} copied` : `This browser did not let the ${what.toLowerCase()} be copied`,
      color: copied ? undefined : 'red',
      autoClose: copied ? 2000 : 6000,
      withCloseButton: !copied,
    });
  };
  return (
    <Menu position="bottom-end" width={210} disabled={!input} opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <Tooltip label="Share" disabled={isOpen}>
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
            onClick={() =>
              copy('Code', asCode(input, datasets, { origin: window.location.origin, needsToken }))
            }
          >
            Copy as code
          </Menu.Item>
        </Menu.Dropdown>
      )}
    </Menu>
  );
}
