'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { copyText } from './copy-text';

type CopyButtonProps = {
  value: string;
  children: (state: { copied: boolean; copy: () => void }) => ReactNode;
};

const SHOWN_MS = 1500;

/** Gives its child a way to copy a text, and tells it for a moment that this was done. */
export function CopyButton({ value, children }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return children({ copied, copy: () => void copyText(value).then(setCopied) });
}
