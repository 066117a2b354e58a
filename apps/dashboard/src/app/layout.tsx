import '@mantine/core/styles.css';
import '@mantine/charts/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './global.css';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { Frame } from '../frame/frame';
import { Providers } from '../frame/providers';
import { SessionGate } from '../session/session-gate';

export const metadata: Metadata = {
  title: { default: 'Freestyle', template: '%s · Freestyle' },
  description: 'Find photos by words, a sketch, a painting or a thumbnail.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#0b0b0c' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" />
      </head>
      <body>
        <Providers>
          <SessionGate>
            <Frame>{children}</Frame>
          </SessionGate>
        </Providers>
      </body>
    </html>
  );
}
