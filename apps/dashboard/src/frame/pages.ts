import {
  IconActivity,
  IconBox,
  IconChartDots,
  IconCirclesRelation,
  IconPhotoSearch,
  IconSchool,
  IconSettings,
  IconStack2,
  type TablerIcon,
} from '@tabler/icons-react';

export type PageLink = { href: string; label: string; hint: string; icon: TablerIcon };

/** The pages that exist, in the order of the rail; the command palette reads the same list. */
export const pages: readonly PageLink[] = [
  { href: '/', label: 'Search', hint: 'Words, sketches and pictures, mixed', icon: IconPhotoSearch },
  { href: '/datasets', label: 'Datasets', hint: 'Photos, imports and what was rejected', icon: IconStack2 },
  {
    href: '/styles',
    label: 'Styles',
    hint: 'Maps and clusters of how pictures are drawn',
    icon: IconCirclesRelation,
  },
  {
    href: '/models',
    label: 'Models',
    hint: 'What encodes queries and the gallery, and what answers searches',
    icon: IconBox,
  },
  {
    href: '/training',
    label: 'Training',
    hint: 'Teach a query encoder on your own photos',
    icon: IconSchool,
  },
  {
    href: '/evaluations',
    label: 'Evaluations',
    hint: 'How good each query encoder is, and how sure that is',
    icon: IconChartDots,
  },
  {
    href: '/monitor',
    label: 'Monitor',
    hint: 'How quick the answers are, what waits, what the index misses',
    icon: IconActivity,
  },
  { href: '/settings', label: 'Settings', hint: 'Keys, people, the audit log, the look', icon: IconSettings },
];

/** Whether a path belongs to a page's part of the tree. */
export const isCurrent = (href: string, pathname: string) =>
  href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`);
