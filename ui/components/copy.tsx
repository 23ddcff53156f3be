import { useState } from 'preact/hooks';
import { text } from '../text/common.ts';
import { Button } from './button.tsx';

const SHOWN_MS = 1_500;

/** Puts a text on the clipboard; without the right to (plain HTTP on a network) the old way. */
export async function copyText(value: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(value);
  const field = document.createElement('textarea');
  field.value = value;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

/** Copies a text and says that it has. */
export const CopyButton = ({ value, label = text.copy }: { value: string; label?: string }) => {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Button small look="quiet" icon={isCopied ? 'check' : 'copy'} onClick={copy}>
      {isCopied ? text.copied : label}
    </Button>
  );
};
